#include "schema/pattern_text.hpp"

#include <charconv>

namespace autotape {

bool PatternText::take(std::string_view text) {
  const bool there = rest_.starts_with(text);
  rest_.remove_prefix(there ? text.size() : 0);
  return there;
}

char PatternText::take_one() {
  const char c = rest_.front();
  rest_.remove_prefix(1);
  return c;
}

std::optional<std::uint32_t> PatternText::take_hex(std::size_t digits) {
  std::uint32_t value = 0;
  if (rest_.size() < digits || digits == 0) {
    return std::nullopt;
  }
  const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + digits, value, 16);
  if (code != std::errc() || end != rest_.data() + digits) {
    return std::nullopt;
  }
  rest_.remove_prefix(digits);
  return value;
}

PatternText::CodePoint PatternText::take_unicode_escape() {
  if (take("{")) {
    const std::size_t end = rest_.find('}');
    const auto value = end == std::string_view::npos ? std::nullopt : take_hex(end);
    if (!value || *value > 0x10FFFF) {
      return {std::nullopt, "\\u{…} is no character"};
    }
    rest_.remove_prefix(1);
    return {value, {}};
  }
  const auto first = take_hex(4);
  if (!first) {
    return {std::nullopt, "\\u is not followed by four hexadecimal digits"};
  }
  if (*first < 0xD800 || *first > 0xDFFF) {
    return {first, {}};
  }
  const auto second = *first <= 0xDBFF && take("\\u") ? take_hex(4) : std::nullopt;
  if (!second || *second < 0xDC00 || *second > 0xDFFF) {
    return {};
  }
  return {0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00), {}};
}

}  // namespace autotape
