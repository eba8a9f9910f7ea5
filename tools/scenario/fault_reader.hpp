// The faults of a scenario: what happens to the broker and the consumer, and when.
#pragma once

#include <vector>

#include "scenario/fields.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

std::vector<TimedFault> read_faults(const YamlNode& node, Problems& problems);

}  // namespace autotape
