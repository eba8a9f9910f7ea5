// The fleet of a generated tape, as scenarios and saved plans write it.
#pragma once

#include <string>

#include "core/result.hpp"
#include "generate/fleet.hpp"
#include "scenario/fields.hpp"

namespace autotape {

// {cars: 100, duration: 5min, …}: the value of `generate` in a scenario.
FleetSettings read_fleet(const YamlNode& node, StreamVersion stream, Problems& problems);

// The same as JSON, and back. `where` names the text in errors.
std::string fleet_text(const FleetSettings& fleet);
Result<FleetSettings> fleet_from_text(const std::string& text, StreamVersion stream,
                                      const std::string& where);

}  // namespace autotape
