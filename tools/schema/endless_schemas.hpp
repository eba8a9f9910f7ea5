// Schemas that need themselves to judge the same instance: judging would never end.
#pragma once

#include <optional>

#include "schema/program.hpp"

namespace autotape {

// One of them, or nothing. References of `program` are resolved.
std::optional<SchemaIndex> find_endless_schema(const Program& program);

}  // namespace autotape
