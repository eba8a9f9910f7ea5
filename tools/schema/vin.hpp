// Vehicle identification numbers (ISO 3779).
#pragma once

#include <string_view>

namespace autotape {

// 17 digits and upper-case letters without I, O and Q.
bool is_vin(std::string_view text);

// Does position 9 agree with the rest? North America (first character 1 to 5) and China (L) ask for
// that (49 CFR 565.15; GB 16735); elsewhere position 9 is free, so this is true. `vin` has the form
// above.
bool has_plausible_check_digit(std::string_view vin);

}  // namespace autotape
