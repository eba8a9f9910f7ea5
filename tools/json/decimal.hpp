// Numbers as JSON writes them, without rounding.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace autotape {

// RFC 8259 section 6: an optional minus, no leading zeros, digits on both sides of a point.
bool is_json_number(std::string_view text);

// The exact value of a JSON number: 1.0, 1e0 and 10e-1 are equal, 9007199254740993.5 is no integer.
class Decimal {
 public:
  // `literal` must be a JSON number. Exponents beyond ±10^9 are taken as ±10^9.
  explicit Decimal(std::string_view literal);

  bool is_zero() const { return digits_.empty(); }
  bool is_integer() const { return exponent_ >= 0; }

  // The power of ten of the first digit: 2 for 345, -1 for 0.1. Zero for zero.
  std::int64_t magnitude() const;

  // False for a divisor that is zero or negative, or has more than 37 significant digits.
  bool is_multiple_of(const Decimal& divisor) const;

  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const = default;

  std::size_t hash() const;  // equal for equal values

 private:
  // The value is ± digits_ × 10^exponent_, digits_ without zeros at either end; zero is no digits.
  bool negative_ = false;
  std::string digits_;
  std::int64_t exponent_ = 0;
};

}  // namespace autotape
