#include "schema/pattern_translation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "schema/pattern_text.hpp"
#include "schema/unicode_classes.hpp"

namespace autotape {
namespace {

// ECMA-262's RegExpIdentifierName; letters beyond ASCII are not told from other characters.
bool is_group_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '_' || c == '$' ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

class Translator {
 public:
  explicit Translator(std::string_view ecma) : rest_(ecma) {}

  PatternTranslation run() {
    while (!rest_.empty() && result_.syntax_error.empty()) {
      term();
    }
    if (result_.syntax_error.empty() && !groups_.empty()) {
      result_.syntax_error = "a group is not closed";
    }
    if (!std::includes(names_.begin(), names_.end(), referenced_.begin(), referenced_.end())) {
      wrong("\\k names a group that does not exist");
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
  void class_atom(char first);
  bool class_escape();
  bool shared_escape(char kind, bool in_class);
  void property(bool negated);
  void code_point(std::uint32_t value) { emit(fmt::format("\\x{{{:X}}}", value)); }
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
  PatternText rest_;
  PatternTranslation result_;
  std::vector<bool> groups_;               // those that are open: may a quantifier follow them?
  std::set<std::string_view> names_;       // of groups
  std::set<std::string_view> referenced_;  // by \k
  bool repeatable_ = false;                // may a quantifier follow what was just read?
};

void Translator::term() {
  const char c = rest_.take_one();
  switch (c) {
    case '(':
      group();
      return;
    case ')':
      if (groups_.empty()) {
        wrong("a group is closed that was not opened");
        return;
      }
      emit(")");
      repeatable_ = groups_.back();
      groups_.pop_back();
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
      rest_.take_back();
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
  groups_.push_back(true);
  repeatable_ = false;
  if (!rest_.take("?")) {
    emit("(?:");  // what a group captures is never asked for
    return;
  }
  if (rest_.take(":")) {
    emit("(?:");
  } else if (rest_.take("=") || rest_.take("!")) {
    groups_.back() = false;
    unsupported("lookahead");
  } else if (rest_.take("<=") || rest_.take("<!")) {
    groups_.back() = false;
    unsupported("lookbehind");
  } else if (rest_.take("<")) {
    const std::size_t end = rest_.rest().find('>');
    const std::string_view name = rest_.rest().substr(0, end);
    if (end == std::string_view::npos || !is_group_name(name)) {
      wrong("a group's name is malformed");
      return;
    }
    if (!names_.insert(name).second) {
      wrong("two groups have one name");
      return;
    }
    rest_.drop(end + 1);
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
  const char c = rest_.take_one();
  emit(std::string_view(&c, 1));
  if (rest_.take("?")) {
    emit("?");
  }
  repeatable_ = false;
}

void Translator::braces() {
  const std::size_t end = rest_.rest().find('}');
  const std::string_view body = rest_.rest().substr(0, end);
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
  // Beyond what an integer holds all are alike.
  const auto number = [](std::string_view text) {
    int count = 0;
    const auto [_, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    return code == std::errc() ? count : std::numeric_limits<int>::max();
  };
  if (!most.empty() && number(most) < number(least)) {
    wrong("a repetition ends before it begins");
  } else if (number(least) > 1000 || (!most.empty() && number(most) > 1000)) {
    unsupported("a repetition of more than 1000");
  }
  emit("{");
  emit(body);
  emit("}");
  rest_.drop(end + 1);
  if (rest_.take("?")) {
    emit("?");
  }
  repeatable_ = false;
}

// After "\u".
void Translator::unicode_escape() {
  const auto [value, syntax_error] = rest_.take_unicode_escape();
  if (!syntax_error.empty()) {
    wrong(syntax_error);
  } else if (!value) {
    unsupported("half of a surrogate pair");
  } else {
    code_point(*value);
  }
}

// After "\p" or "\P".
void Translator::property(bool negated) {
  const std::size_t end = rest_.rest().find('}');
  if (!rest_.take("{") || end == std::string_view::npos) {
    wrong("\\p is not followed by {…}");
    return;
  }
  std::string_view name = rest_.rest().substr(0, end - 1);
  rest_.drop(end);
  const auto take_prefix = [&](std::initializer_list<std::string_view> prefixes) {
    const auto* const found = std::find_if(prefixes.begin(), prefixes.end(),
                                           [&](auto prefix) { return name.starts_with(prefix); });
    name.remove_prefix(found == prefixes.end() ? 0 : found->size());
    return found != prefixes.end();
  };
  const bool is_category = take_prefix({"General_Category=", "gc="});
  const bool is_script = take_prefix({"Script=", "sc=", "Script_Extensions=", "scx="});
  if (name.starts_with('^') || (is_category && !names_category(name)) ||
      (is_script && names_category(name))) {
    wrong("\\p{…} names no property");
  } else if (is_unknown_to_re2(name) || (is_script && names_script_shortly(name))) {
    unsupported(fmt::format("the property {}", name));
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
      if (const auto value = rest_.take_hex(2)) {
        code_point(*value);
      } else {
        wrong("\\x is not followed by two hexadecimal digits");
      }
      return true;
    case 'c':
      if (rest_.empty() || !is_letter(rest_.rest().front())) {
        wrong("\\c is not followed by a letter");
      } else {
        code_point(static_cast<std::uint32_t>(rest_.take_one()) % 32U);
      }
      return true;
    case '0':
      if (!rest_.empty() && is_digit(rest_.rest().front())) {
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
  const char kind = rest_.take_one();
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
    const std::size_t end = rest_.rest().find('>');
    if (!rest_.take("<") || end == std::string_view::npos) {
      wrong("\\k is not followed by <…>");
      return;
    }
    referenced_.insert(rest_.rest().substr(0, end - 1));
    rest_.drop(end);
  } else if (is_letter(kind)) {
    wrong(fmt::format("\\{} does not exist", kind));
  } else if (static_cast<unsigned char>(kind) >= 0x80) {
    emit(std::string_view(&kind, 1));
  } else {
    emit(fmt::format("\\{}", kind));
  }
}

// Is it a whole class, such as \d?
bool Translator::class_escape() {
  if (rest_.empty()) {
    wrong("it ends in a backslash");
    return false;
  }
  const char kind = rest_.take_one();
  if (shared_escape(kind, true)) {
    return std::string_view("dDwWsSpP").find(kind) != std::string_view::npos;
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
  return false;
}

// A character or an escape of a class, and what it is a range to.
void Translator::class_atom(char first) {
  const auto atom = [&](char c) {
    const bool is_class = c == '\\' && class_escape();
    if (c != '\\') {
      emit(c == '[' || c == '-' ? fmt::format("\\{}", c) : std::string(1, c));
    }
    while (!rest_.empty() && (static_cast<unsigned char>(rest_.rest().front()) & 0xC0U) == 0x80U) {
      const char continued = rest_.take_one();  // of the same character in UTF-8
      emit(std::string_view(&continued, 1));
    }
    return is_class;
  };
  bool is_class = atom(first);
  const bool is_range =
      rest_.rest().size() >= 2 && rest_.rest()[0] == '-' && rest_.rest()[1] != ']';
  if (!is_range) {
    return;
  }
  emit("-");
  rest_.drop(1);
  is_class = atom(rest_.take_one()) || is_class;
  if (is_class) {
    wrong("a class is no end of a range");
  }
}

void Translator::character_class() {
  const bool negated = rest_.take("^");
  if (rest_.take("]")) {  // RE2 has no empty class
    emit(negated ? R"([\x00-\x{10FFFF}])" : R"([^\x00-\x{10FFFF}])");
    return;
  }
  emit(negated ? "[^" : "[");
  while (!rest_.empty() && result_.syntax_error.empty()) {
    const char c = rest_.take_one();
    if (c == ']') {
      emit("]");
      return;
    }
    class_atom(c);
  }
  wrong("a class is not closed");
}

}  // namespace

PatternTranslation translate_pattern(std::string_view ecma) {
  return Translator(ecma).run();
}

}  // namespace autotape
