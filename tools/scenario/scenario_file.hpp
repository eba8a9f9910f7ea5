// Reading scenario files (YAML). scenarios/README.md describes the format.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

// By its ending.
bool is_scenario_file(const std::string& path);

// A file that ends with .yaml or .yml is a scenario, anything else a tape (or a saved plan) that is
// played as it is. `settings` are values of the scenario to be replaced: "shape.0.probability=0.2".
Result<Scenario> open_scenario(const std::string& path, const std::vector<std::string>& settings);

// `path` names the text in errors (FILE:LINE:COLUMN), and its folder is where tapes are looked for.
// Opens no tape, but for a stage "like", which measures one.
Result<Scenario> read_scenario(const std::string& text, const std::string& path,
                               const std::vector<std::string>& settings = {});

// All that is wrong with a scenario file; the others give the first.
std::vector<Error> problems_of_scenario(const std::string& path,
                                        const std::vector<std::string>& settings);

}  // namespace autotape
