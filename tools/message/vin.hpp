// Vehicle identification numbers (ISO 3779; check digit as in 49 CFR 565.15).
#pragma once

#include <optional>
#include <string_view>

namespace autotape {

inline constexpr std::size_t vin_length = 17;
inline constexpr std::size_t vin_check_digit_place = 8;  // counted from 0
inline constexpr std::string_view vin_characters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";

// 17 upper-case letters and digits without I, O and Q.
bool is_vin(std::string_view text);

// What should stand at the check digit's place of a VIN: a digit or X. Many cars that were not made
// for North America have another character there.
char vin_check_digit(std::string_view vin);

bool has_valid_check_digit(std::string_view vin);

// Did the maker have to set the check digit? In North America (first character 1 to 5) and in China
// (L; GB 16735). Elsewhere the place is free. `vin` has the form of a VIN.
bool requires_check_digit(std::string_view vin);

// Is the check digit right where it must be? `vin` has the form of a VIN.
bool has_plausible_check_digit(std::string_view vin);

}  // namespace autotape
