// One value of a scenario, replaced from the command line.
#pragma once

#include <string>

#include "core/result.hpp"
#include "scenario/yaml_document.hpp"

namespace autotape {

// "shape.0.probability=0.2": names lead through mappings, numbers (from 0) through lists; the value
// is YAML. A name that is not there yet is added; whether it belongs there, the scenario's reader
// judges.
Result<void> apply_setting(YamlNode& root, const std::string& setting);

}  // namespace autotape
