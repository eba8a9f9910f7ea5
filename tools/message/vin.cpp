#include "message/vin.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace autotape {
namespace {

constexpr std::array<int, vin_length> weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};

constexpr std::int8_t no_value = -1;

// Of each character; no_value for those that a VIN does not have. A table, since the validator asks
// for each message.
constexpr auto values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(no_value);
  for (int digit = 0; digit < 10; ++digit) {
    table[static_cast<std::size_t>('0' + digit)] = static_cast<std::int8_t>(digit);
  }
  // A is 1, B is 2, … as the regulation's table says.
  constexpr std::string_view letters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::string_view letter_values = "12345678123457923456789";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    table[static_cast<unsigned char>(letters[i])] =
        static_cast<std::int8_t>(letter_values[i] - '0');
  }
  return table;
}();

constexpr int value_of(char c) {
  return values[static_cast<unsigned char>(c)];
}

}  // namespace

bool is_vin(std::string_view text) {
  return text.size() == vin_length &&
         std::all_of(text.begin(), text.end(), [](char c) { return value_of(c) != no_value; });
}

char vin_check_digit(std::string_view vin) {
  int sum = 0;
  for (std::size_t i = 0; i < vin_length; ++i) {
    sum += weights[i] * value_of(vin[i]);
  }
  const int rest = sum % 11;
  return rest == 10 ? 'X' : static_cast<char>('0' + rest);
}

bool has_valid_check_digit(std::string_view vin) {
  return is_vin(vin) && vin[vin_check_digit_place] == vin_check_digit(vin);
}

bool requires_check_digit(std::string_view vin) {
  return (vin[0] >= '1' && vin[0] <= '5') || vin[0] == 'L';
}

bool has_plausible_check_digit(std::string_view vin) {
  return !requires_check_digit(vin) || vin[vin_check_digit_place] == vin_check_digit(vin);
}

}  // namespace autotape
