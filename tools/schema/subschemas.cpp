#include "schema/subschemas.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace autotape {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A schema, or (in `items` and the applicators) an array of them.
constexpr std::array<std::string_view, 12> with_schemas = {"items",         "additionalItems",
                                                           "contains",      "additionalProperties",
                                                           "propertyNames", "if",
                                                           "then",          "else",
                                                           "not",           "allOf",
                                                           "anyOf",         "oneOf"};

constexpr std::array<std::string_view, 5> with_named_schemas = {
    "properties", "patternProperties", "dependencies", "definitions", "$defs"};

bool is_schema(JsonValue value) {
  return value.is(JsonKind::object) || value.is(JsonKind::boolean);
}

}  // namespace

void for_each_subschema(JsonValue schema, const std::function<void(JsonValue)>& visit) {
  if (!schema.is(JsonKind::object)) {
    return;
  }
  for (JsonValue name = schema.first(); name != schema.end(); name = name.next().next()) {
    const JsonValue value = name.next();
    if (is_one_of(name.text(), with_schemas)) {
      if (is_schema(value)) {
        visit(value);
      } else if (value.is(JsonKind::array)) {
        for (JsonValue item = value.first(); item != value.end(); item = item.next()) {
          visit(item);
        }
      }
    } else if (is_one_of(name.text(), with_named_schemas) && value.is(JsonKind::object)) {
      for (JsonValue key = value.first(); key != value.end(); key = key.next().next()) {
        if (is_schema(key.next())) {
          visit(key.next());
        }
      }
    }
  }
}

}  // namespace autotape
