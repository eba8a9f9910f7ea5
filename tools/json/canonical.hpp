// One text for equal JSON values, so that values can be compared and hashed as bytes.
#pragma once

#include <string>

#include "json/parser.hpp"

namespace autotape {

// Appends `value` without white space, members sorted by name, numbers in the shortest form that
// reads back as the same double: 1, 1.0 and 10e-1 are one value. Integers beyond 2^53 keep all
// digits.
void append_canonical_json(std::string& out, JsonElement value);

}  // namespace autotape
