// The catalogue as JSON Schema, draft-07, for other tools.
#pragma once

#include "json/document.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

enum class SchemaPart {
  data,     // what stands under `data` in a message
  message,  // the whole payload: the envelope and its data
};

// One document without references to others. It gives the same verdict on each instance as the
// provider's schemas do; of the V1 envelope, for which there is none, it asks what the provider's
// page says.
Json json_schema(const Catalogue& catalogue, StreamVersion version, SchemaPart part);

}  // namespace autotape
