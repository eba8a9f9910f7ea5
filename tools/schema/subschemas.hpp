// Where in a schema further schemas stand, and what their references are relative to.
#pragma once

#include <functional>
#include <string>

#include "json/tree.hpp"

namespace autotape {

// The schemas directly inside of `schema`, by draft-07's keywords and `$defs`. What stands in
// `enum`, `const` or an unknown keyword is no schema, whatever it looks like.
void for_each_subschema(JsonValue schema, const std::function<void(JsonValue)>& visit);

// The base of the references in `schema`, where `base` is the one outside of it.
std::string base_inside(JsonValue schema, const std::string& base);

}  // namespace autotape
