// The delivery plan of a scenario.
#pragma once

#include <memory>

#include "core/result.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"
#include "shape/plan_file.hpp"

namespace autotape {

// The scenario's tape: opened or made up, again for each pass of a loop.
OpenTape tape_of_scenario(const Scenario& scenario);

// Opens the tape once, so that one that cannot be read is an error here. A saved plan (the
// scenario's `tape` is a .plan file) is read as it is; its tape must still have the hash that the
// plan names.
Result<std::unique_ptr<DeliverySource>> plan_scenario(const Scenario& scenario);

// Reads the tape to hash it.
Result<PlanHeader> plan_header(const Scenario& scenario, const DeliverySource& plan);

}  // namespace autotape
