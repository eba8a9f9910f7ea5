// The stages of a scenario's shape.
#pragma once

#include <string>

#include "scenario/fields.hpp"
#include "shape/shape.hpp"

namespace autotape {

// `scenario_path`: its folder is where the tape of a stage "like" is looked for.
void read_shape(const YamlNode& node, const std::string& scenario_path, Shape& shape,
                Problems& problems);

}  // namespace autotape
