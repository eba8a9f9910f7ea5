#include "message/vin.hpp"

#include <algorithm>
#include <array>

namespace autotape {
namespace {

constexpr std::array<int, vin_length> weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};

// A is 1, B is 2, … as the regulation's table says.
constexpr int value_of(char c) {
  constexpr std::string_view letters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::string_view values = "12345678123457923456789";
  return c >= '0' && c <= '9' ? c - '0' : values[letters.find(c)] - '0';
}

}  // namespace

bool is_vin(std::string_view text) {
  return text.size() == vin_length && std::all_of(text.begin(), text.end(), [](char c) {
           return vin_characters.find(c) != std::string_view::npos;
         });
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

}  // namespace autotape
