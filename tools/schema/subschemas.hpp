// Where in a schema further schemas stand.
#pragma once

#include <functional>

#include "json/tree.hpp"

namespace autotape {

// The schemas directly inside of `schema`, by draft-07's keywords and `$defs`. What stands in
// `enum`, `const` or an unknown keyword is no schema, whatever it looks like.
void for_each_subschema(JsonValue schema, const std::function<void(JsonValue)>& visit);

}  // namespace autotape
