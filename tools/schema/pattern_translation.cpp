#include "schema/pattern_translation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "schema/unicode_classes.hpp"

namespace autotape {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Translator {
 public:
  explicit Translator(std::string_view ecma) : rest_(ecma) {}

  PatternTranslation run() {
    while (!rest_.empty() && result_.syntax_error.empty()) {
      term();
    }
    if (result_.syntax_error.empty() && groups_ != 0) {
      result_.syntax_error = "a group is not closed";
    }
    return std::move(result_);
  }

 private:
  void term();
  void group();
  void quantifier();
  void braces();
  void escape();
  void character_class();
  void class_escape();
  bool shared_escape(char kind, bool in_class);
  void property(bool negated);
  void code_point(std::uint32_t value) { emit(fmt::format("\\x{{{:X}}}", value)); }
  std::optional<std::uint32_t> hex(std::size_t digits);
  void unicode_escape();

  void emit(std::string_view text) { result_.re2 += text; }
  void wrong(std::string_view why) {
    if (result_.syntax_error.empty()) {
      result_.syntax_error = why;
    }
  }
  void unsupported(std::string_view what) {
    if (result_.unsupported.empty()) {
      result_.unsupported = what;
    }
  }
  bool take(std::string_view text) {
    const bool there = rest_.starts_with(text);
    rest_.remove_prefix(there ? text.size() : 0);
    return there;
  }
  char take_one() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  PatternTranslation result_;
  int groups_ = 0;
  bool repeatable_ = false;  // may a quantifier follow what was just read?
};

void Translator::term() {
  const char c = take_one();
  switch (c) {
    case '(':
      group();
      return;
    case ')':
      if (groups_-- == 0) {
        wrong("a group is closed that was not opened");
      }
      emit(")");
      repeatable_ = true;
      return;
    case '[':
      character_class();
      repeatable_ = true;
      return;
    case '\\':
      escape();
      return;
    case '*':
    case '+':
    case '?':
      rest_ = {rest_.data() - 1, rest_.size() + 1};
      quantifier();
      return;
    case '{':
      braces();
      return;
    case '.':
      emit(R"([^\n\r\x{2028}\x{2029}])");
      repeatable_ = true;
      return;
    case '^':
    case '|':
      emit(std::string_view(&c, 1));
      repeatable_ = false;
      return;
    case '$':
      emit("\\z");
      repeatable_ = false;
      return;
    default:
      emit(std::string_view(&c, 1));
      repeatable_ = true;
      return;
  }
}

void Translator::group() {
  ++groups_;
  repeatable_ = false;
  if (!take("?")) {
    emit("(?:");  // what a group captures is never asked for
    return;
  }
  if (take(":")) {
    emit("(?:");
  } else if (take("=") || take("!")) {
    unsupported("lookahead");
  } else if (take("<=") || take("<!")) {
    unsupported("lookbehind");
  } else if (take("<")) {
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos || end == 0 || is_digit(rest_[0])) {
      wrong("a group's name is malformed");
      return;
    }
    rest_.remove_prefix(end + 1);
    emit("(?:");
  } else {
    wrong("a group begins with an unknown mark after `(?`");
  }
}

void Translator::quantifier() {
  if (!repeatable_) {
    wrong("a quantifier has nothing to repeat");
    return;
  }
  const char c = take_one();
  emit(std::string_view(&c, 1));
  if (take("?")) {
    emit("?");
  }
  repeatable_ = false;
}

void Translator::braces() {
  const std::size_t end = rest_.find('}');
  const std::string_view body = rest_.substr(0, end);
  const std::size_t comma = body.find(',');
  const std::string_view least = body.substr(0, comma);
  const std::string_view most = comma == std::string_view::npos ? least : body.substr(comma + 1);
  const auto digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
  };
  if (end == std::string_view::npos || least.empty() || !digits(least) || !digits(most)) {
    emit("\\{");  // Annex B: a brace that begins no quantifier is itself
    repeatable_ = true;
    return;
  }
  if (!repeatable_) {
    wrong("a quantifier has nothing to repeat");
    return;
  }
  const auto too_many = [](std::string_view text) {
    int count = 0;
    const auto [_, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    return !text.empty() && (code != std::errc() || count > 1000);
  };
  if (too_many(least) || too_many(most)) {
    unsupported("a repetition of more than 1000");
  }
  emit("{");
  emit(body);
  emit("}");
  rest_.remove_prefix(end + 1);
  if (take("?")) {
    emit("?");
  }
  repeatable_ = false;
}

std::optional<std::uint32_t> Translator::hex(std::size_t digits) {
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

// After "\u".
void Translator::unicode_escape() {
  if (take("{")) {
    const std::size_t end = rest_.find('}');
    const auto value = end == std::string_view::npos ? std::nullopt : hex(end);
    if (!value || *value > 0x10FFFF) {
      wrong("\\u{…} is no character");
      return;
    }
    rest_.remove_prefix(1);
    code_point(*value);
    return;
  }
  const auto first = hex(4);
  if (!first) {
    wrong("\\u is not followed by four hexadecimal digits");
    return;
  }
  if (*first >= 0xD800 && *first <= 0xDFFF) {
    const auto second = *first <= 0xDBFF && take("\\u") ? hex(4) : std::nullopt;
    if (!second || *second < 0xDC00 || *second > 0xDFFF) {
      unsupported("half of a surrogate pair");
      return;
    }
    code_point(0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00));
    return;
  }
  code_point(*first);
}

// After "\p" or "\P".
void Translator::property(bool negated) {
  const std::size_t end = rest_.find('}');
  if (!take("{") || end == std::string_view::npos) {
    wrong("\\p is not followed by {…}");
    return;
  }
  std::string_view name = rest_.substr(0, end - 1);
  rest_.remove_prefix(end);
  for (const std::string_view prefix :
       {"General_Category=", "gc=", "Script=", "sc=", "Script_Extensions=", "scx="}) {
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
      break;
    }
  }
  emit(fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', short_category_name(name)));
}

// What means the same in a class and outside of one. False if `kind` is nothing of that.
bool Translator::shared_escape(char kind, bool in_class) {
  switch (kind) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      emit(fmt::format("\\{}", kind));
      return true;
    case 'v':
      emit("\\x0B");
      return true;
    case 's':
      emit(in_class ? std::string(white_space_class) : fmt::format("[{}]", white_space_class));
      return true;
    case 'S':
      emit(in_class ? std::string(not_white_space_class) : fmt::format("[^{}]", white_space_class));
      return true;
    case 'p':
    case 'P':
      property(kind == 'P');
      return true;
    case 'u':
      unicode_escape();
      return true;
    case 'x':
      if (const auto value = hex(2)) {
        code_point(*value);
      } else {
        wrong("\\x is not followed by two hexadecimal digits");
      }
      return true;
    case 'c':
      if (rest_.empty() || !is_letter(rest_.front())) {
        wrong("\\c is not followed by a letter");
      } else {
        code_point(static_cast<std::uint32_t>(take_one()) % 32U);
      }
      return true;
    case '0':
      if (!rest_.empty() && is_digit(rest_.front())) {
        wrong("octal escapes do not exist");
      }
      emit("\\x00");
      return true;
    default:
      return false;
  }
}

void Translator::escape() {
  if (rest_.empty()) {
    wrong("it ends in a backslash");
    return;
  }
  repeatable_ = true;
  const char kind = take_one();
  if (shared_escape(kind, false)) {
    return;
  }
  if (kind == 'b' || kind == 'B') {
    emit(fmt::format("\\{}", kind));
    repeatable_ = false;
  } else if (is_digit(kind)) {
    unsupported("a backreference");
  } else if (kind == 'k') {
    unsupported("a backreference");
    const std::size_t end = rest_.find('>');
    if (!take("<") || end == std::string_view::npos) {
      wrong("\\k is not followed by <…>");
      return;
    }
    rest_.remove_prefix(end);
  } else if (is_letter(kind)) {
    wrong(fmt::format("\\{} does not exist", kind));
  } else if (static_cast<unsigned char>(kind) >= 0x80) {
    emit(std::string_view(&kind, 1));
  } else {
    emit(fmt::format("\\{}", kind));
  }
}

void Translator::class_escape() {
  if (rest_.empty()) {
    wrong("it ends in a backslash");
    return;
  }
  const char kind = take_one();
  if (shared_escape(kind, true)) {
    return;
  }
  if (kind == 'b') {
    emit("\\x08");
  } else if (is_letter(kind) || is_digit(kind)) {
    wrong(fmt::format("\\{} does not exist in a class", kind));
  } else if (static_cast<unsigned char>(kind) >= 0x80) {
    emit(std::string_view(&kind, 1));
  } else {
    emit(fmt::format("\\{}", kind));
  }
}

void Translator::character_class() {
  const bool negated = take("^");
  if (take("]")) {  // RE2 has no empty class
    emit(negated ? R"([\x00-\x{10FFFF}])" : R"([^\x00-\x{10FFFF}])");
    return;
  }
  emit(negated ? "[^" : "[");
  while (!rest_.empty() && result_.syntax_error.empty()) {
    const char c = take_one();
    if (c == ']') {
      emit("]");
      return;
    }
    if (c == '\\') {
      class_escape();
    } else if (c == '[') {
      emit("\\[");
    } else {
      emit(std::string_view(&c, 1));
    }
  }
  wrong("a class is not closed");
}

}  // namespace

PatternTranslation translate_pattern(std::string_view ecma) {
  return Translator(ecma).run();
}

}  // namespace autotape
