#include "schema/subschemas.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "schema/uri.hpp"

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

std::string base_inside(JsonValue schema, const std::string& base) {
  const auto id = schema.member("$id");
  // Draft-07, section 8.3: what stands beside `$ref` is ignored.
  if (!id || !id->is(JsonKind::string) || schema.member("$ref")) {
    return base;
  }
  const std::string absolute = resolve_uri(base, id->text());
  const auto [resource, fragment] = split_fragment(absolute);
  return fragment.empty() ? std::string(resource) : base;
}

}  // namespace autotape
