#include "json/tree.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "json/decimal.hpp"
#include "json/parser.hpp"
#include "json/string_escape.hpp"
#include "json/structural_index.hpp"

namespace autotape {

JsonKind JsonValue::kind() const {
  return node_->kind;
}
bool JsonValue::boolean() const {
  return node_->boolean;
}
std::string_view JsonValue::text() const {
  return node_->text;
}
double JsonValue::number() const {
  return node_->number;
}
std::size_t JsonValue::size() const {
  return node_->size;
}
JsonValue JsonValue::first() const {
  return JsonValue(node_ + 1);
}
JsonValue JsonValue::end() const {
  return next();
}
JsonValue JsonValue::next() const {
  return JsonValue(node_ + node_->extent);
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
  std::optional<JsonValue> found;
  if (!is(JsonKind::object)) {
    return found;
  }
  for (JsonValue key = first(); key != end(); key = key.next().next()) {
    if (key.text() == name) {
      found = key.next();
    }
  }
  return found;
}

std::optional<JsonValue> JsonValue::item(std::size_t index) const {
  if (!is(JsonKind::array) || index >= size()) {
    return std::nullopt;
  }
  JsonValue item = first();
  for (; index > 0; --index) {
    item = item.next();
  }
  return item;
}

namespace {

// "0", "12"; no sign, no leading zeros.
std::optional<std::size_t> array_index(std::string_view token) {
  std::size_t index = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = code == std::errc() && end == token.data() + token.size();
  return whole && (token.size() == 1 || token[0] != '0') ? std::optional(index) : std::nullopt;
}

std::optional<std::string> unescape_token(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      name += token[i];
      continue;
    }
    ++i;
    if (i == token.size() || (token[i] != '0' && token[i] != '1')) {
      return std::nullopt;
    }
    name += token[i] == '0' ? '~' : '/';
  }
  return name;
}

}  // namespace

std::optional<JsonValue> follow_pointer(JsonValue from, std::string_view pointer) {
  std::optional<JsonValue> at = from;
  while (at && !pointer.empty()) {
    if (pointer.front() != '/') {
      return std::nullopt;
    }
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (at->is(JsonKind::array)) {
      const auto index = array_index(token);
      at = index ? at->item(*index) : std::nullopt;
    } else {
      const auto name = unescape_token(token);
      at = name ? at->member(*name) : std::nullopt;
    }
  }
  return at;
}

std::string pointer_between(JsonValue outer, JsonValue inner) {
  const auto holds = [&](JsonValue value) {
    return value.id() <= inner.id() && inner.id() < value.id() + value.id()->extent;
  };
  std::string pointer;
  JsonValue at = outer;
  while (!(at == inner)) {
    const bool is_array = at.is(JsonKind::array);
    std::size_t index = 0;
    JsonValue child = at.first();
    JsonValue name = child;
    for (; child != at.end(); child = child.next(), ++index) {
      if (!is_array) {
        name = child;
        child = child.next();
      }
      if (holds(child)) {
        break;
      }
    }
    append_pointer(pointer, is_array ? std::to_string(index) : name.text());
    at = child;
  }
  return pointer;
}

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

bool json_equal(JsonValue a, JsonValue b) {
  if (a.kind() != b.kind() || a.size() != b.size()) {
    return false;
  }
  switch (a.kind()) {
    case JsonKind::null:
      return true;
    case JsonKind::boolean:
      return a.boolean() == b.boolean();
    case JsonKind::number:
      return a.text() == b.text() ||
             (a.number() == b.number() && Decimal(a.text()) == Decimal(b.text()));
    case JsonKind::string:
      return a.text() == b.text();
    case JsonKind::array:
      for (JsonValue x = a.first(), y = b.first(); x != a.end(); x = x.next(), y = y.next()) {
        if (!json_equal(x, y)) {
          return false;
        }
      }
      return true;
    case JsonKind::object:
      for (JsonValue name = a.first(); name != a.end(); name = name.next().next()) {
        const auto other = b.member(name.text());
        if (!other || !json_equal(name.next(), *other)) {
          return false;
        }
      }
      return true;
  }
  return false;
}

// Walks the structural index once, without recursion.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, JsonTree& tree) : text_(text), tree_(tree) {}

  // Nothing, or what is wrong; at() is where.
  std::string build();
  std::size_t at() const { return at_; }

 private:
  struct Open {
    std::size_t node;
    bool object;
  };

  char token() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void advance() { at_ = ++next_ < positions_.size() ? positions_[next_] : text_.size(); }

  std::string value();
  std::string name_and_colon();
  std::string after_value();
  std::string scalar();
  std::string string();
  std::string number(std::string_view literal);
  void open(JsonKind kind);
  void close();
  JsonValue::Node& add(JsonKind kind);
  std::string_view keep(std::string_view characters);

  std::string_view text_;
  JsonTree& tree_;
  StructuralIndex index_;
  std::span<const std::uint32_t> positions_;
  std::size_t next_ = 0;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  bool finished_ = false;
};

namespace {

constexpr std::string_view not_json = "is not JSON";

}  // namespace

std::string TreeBuilder::build() {
  if (text_.starts_with("\xEF\xBB\xBF")) {
    return "begins with a byte order mark, which JSON does not allow";
  }
  if (const JsonFault fault = index_.index(text_); fault != JsonFault::none) {
    return std::string(reason_of(fault));
  }
  positions_ = index_.positions();
  at_ = positions_[0];
  tree_.nodes_.reserve(positions_.size() / 2 + 1);  // commas and closing brackets have none
  tree_.characters_.reserve(text_.size());
  while (!finished_) {
    if (std::string wrong = value(); !wrong.empty()) {
      return wrong;
    }
  }
  return next_ < positions_.size() ? "is not JSON: more follows after the value" : "";
}

// One value and all that must follow it before the next one may begin.
std::string TreeBuilder::value() {
  const char first = token();
  if (first == '{' || first == '[') {
    if (open_.size() == max_json_depth) {
      return fmt::format("is JSON nested deeper than {} levels", max_json_depth);
    }
    open(first == '{' ? JsonKind::object : JsonKind::array);
    advance();
    if (token() == (first == '{' ? '}' : ']') && next_ < positions_.size()) {
      close();
      return after_value();
    }
    return first == '{' ? name_and_colon() : "";
  }
  if (std::string wrong = scalar(); !wrong.empty()) {
    return wrong;
  }
  advance();
  return after_value();
}

std::string TreeBuilder::name_and_colon() {
  if (token() != '"') {
    return "is not JSON: a member has no name";
  }
  if (std::string wrong = string(); !wrong.empty()) {
    return wrong;
  }
  advance();
  if (token() != ':') {
    return "is not JSON: a colon is missing";
  }
  advance();
  ++tree_.nodes_[open_.back().node].size;
  return {};
}

std::string TreeBuilder::after_value() {
  while (!open_.empty()) {
    const bool object = open_.back().object;
    if (!object) {
      ++tree_.nodes_[open_.back().node].size;
    }
    if (token() == ',') {
      advance();
      return object ? name_and_colon() : "";
    }
    if (next_ >= positions_.size() || token() != (object ? '}' : ']')) {
      return object ? "is not JSON: an object is not closed, or a comma is missing"
                    : "is not JSON: an array is not closed, or a comma is missing";
    }
    close();
  }
  finished_ = true;
  return {};
}

std::string TreeBuilder::scalar() {
  if (next_ >= positions_.size()) {
    return "is not JSON: a value is missing";
  }
  if (token() == '"') {
    return string();
  }
  const std::size_t limit = next_ + 1 < positions_.size() ? positions_[next_ + 1] : text_.size();
  std::string_view literal = text_.substr(at_, limit - at_);
  literal = literal.substr(0, literal.find_last_not_of(" \t\n\r") + 1);
  if (literal == "true" || literal == "false") {
    add(JsonKind::boolean).boolean = literal == "true";
    return {};
  }
  if (literal == "null") {
    add(JsonKind::null);
    return {};
  }
  return number(literal);
}

std::string TreeBuilder::string() {
  // Stage 1 has found the string closed, so its end is the last quote before the next token.
  const std::size_t limit = next_ + 1 < positions_.size() ? positions_[next_ + 1] : text_.size();
  const std::size_t closing = text_.rfind('"', limit - 1);
  const std::string_view raw = text_.substr(at_ + 1, closing - at_ - 1);
  if (raw.find('\\') == std::string_view::npos) {
    add(JsonKind::string).text = keep(raw);
    return {};
  }
  std::string unescaped;
  switch (unescape_json_string(raw, unescaped)) {
    case EscapeFault::none:
      add(JsonKind::string).text = keep(unescaped);
      return {};
    case EscapeFault::lone_surrogate:
      return "is refused: a string escapes half of a surrogate pair, which is no character";
    case EscapeFault::bad_escape:
      break;
  }
  return "is not JSON: a string has a bad escape";
}

std::string TreeBuilder::number(std::string_view literal) {
  if (!is_json_number(literal)) {
    const bool numeric =
        !literal.empty() && (literal[0] == '-' || (literal[0] >= '0' && literal[0] <= '9'));
    return numeric ? "is not JSON: a number is malformed" : std::string(not_json);
  }
  double value = 0;
  const auto [end, code] = std::from_chars(literal.data(), literal.data() + literal.size(), value);
  if (code == std::errc::result_out_of_range) {
    if (Decimal(literal).magnitude() > 0) {
      return "is refused: a number is beyond the range of a double";
    }
    value = 0;
  }
  JsonValue::Node& node = add(JsonKind::number);
  node.number = value;
  node.text = keep(literal);
  return {};
}

void TreeBuilder::open(JsonKind kind) {
  open_.push_back({tree_.nodes_.size(), kind == JsonKind::object});
  add(kind);
}

void TreeBuilder::close() {
  const std::size_t opened = open_.back().node;
  tree_.nodes_[opened].extent = static_cast<std::uint32_t>(tree_.nodes_.size() - opened);
  open_.pop_back();
  advance();
}

JsonValue::Node& TreeBuilder::add(JsonKind kind) {
  JsonValue::Node& node = tree_.nodes_.emplace_back();
  node.kind = kind;
  return node;
}

std::string_view TreeBuilder::keep(std::string_view characters) {
  const std::size_t offset = tree_.characters_.size();
  tree_.characters_.insert(tree_.characters_.end(), characters.begin(), characters.end());
  return {tree_.characters_.data() + offset, characters.size()};
}

Result<JsonTree> JsonTree::parse(std::string_view text, const std::string& where) {
  JsonTree tree;
  TreeBuilder builder(text, tree);
  if (std::string wrong = builder.build(); !wrong.empty()) {
    return file_error(fmt::format("{}@{}", where, builder.at()), std::move(wrong));
  }
  return tree;
}

}  // namespace autotape
