// The metaschema of JSON Schema draft-07, as json-schema.org publishes it.
#pragma once

#include <string_view>

namespace autotape {

extern const std::string_view draft_07_metaschema;

}  // namespace autotape
