// Writing a scenario that read_scenario() reads back.
#pragma once

#include <string>

#include "scenario/scenario.hpp"

namespace autotape {

// For one that plays a tape or a saved plan as it is: shape and selection are not written, and must
// be empty. `tape` is written as it stands.
std::string scenario_text(const Scenario& scenario);

}  // namespace autotape
