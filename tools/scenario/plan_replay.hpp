// How a saved plan is to be played: a member of its header, written where the scenario says more
// than "as the tape was".
//
//   {"rate":"max","remap":{"app_id":"…","environment":"live","vins":{"OLD":"NEW"}},
//    "restamp":true,"restamp_at":"2030-01-01T00:00:00Z","max_lag":"1s"}
#pragma once

#include <string>

#include "core/result.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

// Empty for a scenario that says nothing of it.
std::string plan_replay(const Scenario& scenario);

// Gives the scenario, whose tape is a saved plan, what the plan's header says. Call before anything
// else that is to have the last word: a scenario's own `replay`, options.
Result<void> take_plan_replay(Scenario& scenario);

}  // namespace autotape
