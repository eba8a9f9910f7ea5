// A JSON document as it is written: numbers keep their text, members their order and repetitions.
//
// For documents whose every value is looked at and whose numbers may be of any size: schemas and
// what is held against them. For streams use json/parser.hpp, which is faster and rounds numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace autotape {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

class JsonTree;

// One value of a tree. Cheap to copy; valid as long as the tree, also after the tree was moved.
class JsonValue {
 public:
  struct Node;

  JsonKind kind() const;
  bool is(JsonKind kind_) const { return kind() == kind_; }

  bool boolean() const;           // of a boolean
  std::string_view text() const;  // of a string: its characters. Of a number: its literal
  double number() const;          // of a number, rounded to the nearest double
  std::size_t size() const;       // of an array or object: its items or members

  // In order: `for (JsonValue item = v.first(); item != v.end(); item = item.next())`. Of an
  // object, names and values alternate.
  JsonValue first() const;
  JsonValue end() const;
  JsonValue next() const;
  bool operator==(const JsonValue& other) const { return node_ == other.node_; }

  // The last member of that name, if this is an object that has it: what most parsers take.
  std::optional<JsonValue> member(std::string_view name) const;
  std::optional<JsonValue> item(std::size_t index) const;

  // Identifies the value within its tree.
  const Node* id() const { return node_; }

 private:
  friend class JsonTree;
  explicit JsonValue(const Node* node) : node_(node) {}

  const Node* node_;
};

struct JsonValue::Node {
  JsonKind kind = JsonKind::null;
  bool boolean = false;
  std::uint32_t extent = 1;  // nodes of the value, itself included
  std::uint32_t size = 0;
  double number = 0;
  std::string_view text;
};

// RFC 6901, from `from`: nothing if the pointer leads nowhere.
std::optional<JsonValue> follow_pointer(JsonValue from, std::string_view pointer);

// The way from `outer` to `inner`, which it holds: the inverse of follow_pointer().
std::string pointer_between(JsonValue outer, JsonValue inner);

// Appends "/name", escaped as RFC 6901 asks.
void append_pointer(std::string& pointer, std::string_view name);

// Equal as JSON Schema defines it: 1 and 1.0 are, 1 and true are not, members have no order.
bool json_equal(JsonValue a, JsonValue b);

class JsonTree {
 public:
  // RFC 8259 in UTF-8, all of it checked; at most max_json_depth deep. Refused as well, each with
  // its own reason: a byte order mark, escaped halves of surrogate pairs, numbers beyond the range
  // of a double. The error's `where` is `where` with the offset of the byte. Refers to no byte of
  // `text` afterwards.
  static Result<JsonTree> parse(std::string_view text, const std::string& where);

  JsonValue root() const { return JsonValue(nodes_.data()); }

 private:
  friend class TreeBuilder;

  std::vector<JsonValue::Node> nodes_;  // a value, then what it holds
  std::vector<char> characters_;        // of strings and numbers; never grows after it was reserved
};

}  // namespace autotape
