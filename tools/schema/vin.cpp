#include "schema/vin.hpp"

#include <algorithm>
#include <array>

namespace autotape {
namespace {

constexpr unsigned char no_value = 0xFF;

// 49 CFR 565.15, table III: the values of digits and letters.
constexpr std::array<unsigned char, 256> make_values() {
  std::array<unsigned char, 256> values{};
  values.fill(no_value);
  for (unsigned char digit = 0; digit < 10; ++digit) {
    values[static_cast<std::size_t>('0') + digit] = digit;
  }
  constexpr std::string_view letters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::string_view worth = "12345678123457923456789";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    values[static_cast<unsigned char>(letters[i])] = static_cast<unsigned char>(worth[i] - '0');
  }
  return values;
}

constexpr std::array<unsigned char, 256> values = make_values();

unsigned value_of(char c) {
  return values[static_cast<unsigned char>(c)];
}

}  // namespace

bool is_vin(std::string_view text) {
  return text.size() == 17 &&
         std::all_of(text.begin(), text.end(), [](char c) { return value_of(c) != no_value; });
}

bool has_plausible_check_digit(std::string_view vin) {
  const char region = vin[0];
  if ((region < '1' || region > '5') && region != 'L') {
    return true;
  }
  constexpr std::array<unsigned, 17> weights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  unsigned sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i] * value_of(vin[i]);
  }
  const unsigned rest = sum % 11;
  return vin[8] == (rest == 10 ? 'X' : static_cast<char>('0' + rest));
}

}  // namespace autotape
