// The text of an ECMA-262 regular expression, taken off its front.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace autotape {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class PatternText {
 public:
  explicit PatternText(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  bool take(std::string_view text);                                   // if it is what comes next
  char take_one();                                                    // not of an empty text
  void take_back() { rest_ = {rest_.data() - 1, rest_.size() + 1}; }  // undoes take_one()
  void drop(std::size_t count) { rest_.remove_prefix(count); }

  // A number of exactly so many hexadecimal digits, or nothing.
  std::optional<std::uint32_t> take_hex(std::size_t digits);

  struct CodePoint {
    std::optional<std::uint32_t> value;  // nothing: half of a surrogate pair
    std::string_view syntax_error;       // empty: there is none
  };
  CodePoint take_unicode_escape();  // what follows "\u"

 private:
  std::string_view rest_;
};

}  // namespace autotape
