// A compiled schema: flat tables that the evaluator walks. Made by schema/compiler.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/decimal.hpp"
#include "json/tree.hpp"
#include "schema/documents.hpp"
#include "schema/format.hpp"
#include "schema/pattern.hpp"

namespace autotape {

enum class Keyword : std::uint8_t {
  type,
  constant,
  enumeration,
  minimum,
  exclusive_minimum,
  maximum,
  exclusive_maximum,
  multiple_of,
  min_length,
  max_length,
  pattern,
  format,
  min_items,
  max_items,
  unique_items,
  contains,
  items,  // with additionalItems
  min_properties,
  max_properties,
  required,
  members,  // properties, patternProperties and additionalProperties
  property_names,
  dependencies,
  dependent_required,  // in a document of a later draft that a `$ref` leads to
  all_of,
  any_of,
  one_of,
  negation,
  conditional,  // if, then and else
  content,      // contentEncoding and contentMediaType
};

// As schemas write it; for `items`, `members` and `conditional` the first of several.
std::string_view name_of(Keyword keyword);

// The seven types of `type`, as bits.
enum TypeBit : std::uint32_t {
  type_null = 1U,
  type_boolean = 2U,
  type_number = 4U,
  type_integer = 8U,
  type_string = 16U,
  type_array = 32U,
  type_object = 64U,
};

// What a text holds, as bits: draft-07 lets a validator look into it.
enum ContentBit : std::uint32_t { content_base64 = 1U, content_json = 2U };

using SchemaIndex = std::uint32_t;  // into Program::schemas

struct Instruction {
  Keyword keyword;
  // What the keyword says: for `type` and `content` the bits, for counts the count, otherwise the
  // index into the table of the program that holds it.
  std::uint64_t operand;
};

// What must hold of one instance: all instructions of it.
struct SchemaNode {
  std::uint32_t first = 0;  // into Program::instructions
  std::uint32_t count = 0;
  bool never = false;                  // the schema `false`
  std::optional<SchemaIndex> same_as;  // a schema with `$ref` is the schema that it names
  std::string location;                // URI with JSON pointer
};

struct Limit {
  Decimal exact;
  double rounded;  // decides all but ties
  std::string literal;
};

struct FormatRule {
  std::string name;
  FormatCheck check;
};

struct NamedPattern {
  Pattern pattern;
  std::string text;
};

struct ItemsRule {
  std::vector<SchemaIndex> places;    // `items` as an array
  std::optional<SchemaIndex> others;  // `items` as a schema, or `additionalItems`
};

struct MembersRule {
  std::unordered_map<std::string_view, SchemaIndex> named;        // names live in the documents
  std::vector<std::string_view> names;                            // in the order of the schema
  std::vector<std::pair<std::uint32_t, SchemaIndex>> by_pattern;  // index into Program::patterns
  std::optional<SchemaIndex> others;
};

struct Dependency {
  std::string_view name;
  std::vector<std::string_view> required;
  std::optional<SchemaIndex> schema;
};

struct ConditionalRule {
  SchemaIndex condition = 0;
  std::optional<SchemaIndex> then_schema;
  std::optional<SchemaIndex> else_schema;
};

struct Program {
  std::shared_ptr<SchemaDocuments> documents;  // owns all names and values
  SchemaIndex root = 0;

  std::vector<SchemaNode> schemas;
  std::vector<Instruction> instructions;

  std::vector<JsonValue> constants;  // of `const`, and the arrays of `enum`
  std::vector<Limit> limits;
  std::vector<NamedPattern> patterns;
  std::vector<FormatRule> formats;
  std::vector<ItemsRule> items;
  std::vector<std::vector<std::string_view>> names;  // of `required`
  std::vector<MembersRule> members;
  std::vector<std::vector<Dependency>> dependencies;
  std::vector<std::vector<SchemaIndex>> branches;  // of allOf, anyOf, oneOf
  std::vector<ConditionalRule> conditionals;

  // The schema that really holds the instructions.
  const SchemaNode& schema(SchemaIndex index) const {
    const SchemaNode& node = schemas[index];
    return node.same_as ? schemas[*node.same_as] : node;
  }
};

}  // namespace autotape
