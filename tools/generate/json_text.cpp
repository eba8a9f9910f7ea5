#include "generate/json_text.hpp"

#include <array>

namespace autotape {
namespace {

constexpr std::array<std::uint64_t, 8> powers_of_ten{1,      10,      100,       1'000,
                                                     10'000, 100'000, 1'000'000, 10'000'000};

}  // namespace

void append_integer(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  out.append(digits.data() + first, digits.size() - first);
}

void append_decimal(std::string& out, double value, unsigned places) {
  const bool negative = value < 0;
  const double magnitude = negative ? -value : value;
  auto scaled =
      static_cast<std::uint64_t>(magnitude * static_cast<double>(powers_of_ten[places]) + 0.5);
  if (negative && scaled != 0) {
    out += '-';
  }
  while (places > 0 && scaled % 10 == 0) {
    scaled /= 10;
    --places;
  }
  const std::uint64_t unit = powers_of_ten[places];
  append_integer(out, scaled / unit);
  if (places == 0) {
    return;
  }
  out += '.';
  std::uint64_t fraction = scaled % unit;
  for (std::uint64_t place = unit / 10; place > 0; place /= 10) {
    out += static_cast<char>('0' + fraction / place);
    fraction %= place;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  out += text;
  out += '"';
}

void append_quantity(std::string& out, std::string_view unit, double value, unsigned places) {
  out += R"({"unit":")";
  out += unit;
  out += R"(","value":)";
  append_decimal(out, value, places);
  out += '}';
}

}  // namespace autotape
