// The schema files of a folder.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"

namespace autotape {

// Every *.json file below `folder`, sorted, so that the order is the same everywhere.
Result<std::vector<std::string>> json_files_below(const std::string& folder);

}  // namespace autotape
