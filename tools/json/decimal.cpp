#include "json/decimal.hpp"

#include <algorithm>
#include <functional>

namespace autotape {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::size_t most_divisor_digits = 37;  // ten times the divisor fits into 128 bits
constexpr std::int64_t most_exponent = 1'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number of digits at the front of `text`, which is shortened by them.
std::size_t take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::int64_t clamped_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  take(text, "+-");
  std::int64_t exponent = 0;
  for (const char c : text) {
    exponent = std::min(exponent * 10 + (c - '0'), most_exponent);
  }
  return negative ? -exponent : exponent;
}

}  // namespace

bool is_json_number(std::string_view text) {
  take(text, "-");
  const bool zero = text.starts_with('0');
  const std::size_t whole = take_digits(text);
  if (whole == 0 || (zero && whole > 1)) {
    return false;
  }
  if (take(text, ".") && take_digits(text) == 0) {
    return false;
  }
  if (take(text, "eE")) {
    take(text, "+-");
    if (take_digits(text) == 0) {
      return false;
    }
  }
  return text.empty();
}

Decimal::Decimal(std::string_view literal) {
  negative_ = take(literal, "-");
  const std::size_t exponent_at = std::min(literal.find_first_of("eE"), literal.size());
  const std::string_view mantissa = literal.substr(0, exponent_at);
  if (exponent_at < literal.size()) {
    exponent_ = clamped_exponent(literal.substr(exponent_at + 1));
  }
  const std::size_t point = mantissa.find('.');
  digits_ = mantissa.substr(0, point);
  if (point != std::string_view::npos) {
    digits_ += mantissa.substr(point + 1);
    exponent_ -= static_cast<std::int64_t>(mantissa.size() - point - 1);
  }
  digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
  const std::size_t last = digits_.find_last_not_of('0');
  if (last == std::string::npos) {
    digits_.clear();
    exponent_ = 0;
    negative_ = false;
    return;
  }
  exponent_ += static_cast<std::int64_t>(digits_.size() - last - 1);
  digits_.erase(last + 1);
}

std::int64_t Decimal::magnitude() const {
  return is_zero() ? 0 : exponent_ + static_cast<std::int64_t>(digits_.size()) - 1;
}

bool Decimal::is_multiple_of(const Decimal& divisor) const {
  if (divisor.is_zero() || divisor.negative_ || divisor.digits_.size() > most_divisor_digits) {
    return false;
  }
  if (is_zero()) {
    return true;
  }
  // Our last digit is not zero, so we are no multiple of anything that ends further left.
  if (exponent_ < divisor.exponent_) {
    return false;
  }
  Wide modulus = 0;
  for (const char c : divisor.digits_) {
    modulus = modulus * 10 + static_cast<unsigned>(c - '0');
  }
  Wide rest = 0;
  for (const char c : digits_) {
    rest = (rest * 10 + static_cast<unsigned>(c - '0')) % modulus;
  }
  // Each more power of ten can only take factors 2 and 5 away; after 128 of them none is left.
  const std::int64_t powers = std::min<std::int64_t>(exponent_ - divisor.exponent_, 128);
  for (std::int64_t i = 0; i < powers && rest != 0; ++i) {
    rest = rest * 10 % modulus;
  }
  return rest == 0;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (is_zero() || other.is_zero() || negative_ != other.negative_) {
    const auto sign = [](const Decimal& d) { return d.is_zero() ? 0 : d.negative_ ? -1 : 1; };
    return sign(*this) <=> sign(other);
  }
  auto larger = magnitude() <=> other.magnitude();
  if (larger == 0) {
    larger = digits_.compare(other.digits_) <=> 0;
  }
  return negative_ ? 0 <=> larger : larger;
}

std::size_t Decimal::hash() const {
  return std::hash<std::string>()(digits_) ^ (static_cast<std::size_t>(exponent_) << 1U) ^
         (negative_ ? 1U : 0U);
}

}  // namespace autotape
