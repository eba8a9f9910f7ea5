// What no schema forbids and no car sends.
#pragma once

#include <vector>

#include "core/time.hpp"
#include "json/tree.hpp"
#include "schema/violation.hpp"

namespace autotape {

// Appends warnings on the known properties in `data`, an envelope's object: deprecated ones,
// timestamps before 2010 or after `latest`, percentages beyond 0 to 1, degrees beyond the globe.
// What has another form than the catalogue asks for is passed over: that is the schema's matter.
void check_plausibility(JsonValue data, DataTime latest, std::vector<Violation>& violations);

}  // namespace autotape
