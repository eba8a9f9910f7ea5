// The delivery plan of a scenario.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"
#include "shape/plan_file.hpp"

namespace autotape {

inline constexpr std::string_view standard_input = "-";

// The scenario's tape: opened or made up, again for each pass of a loop.
OpenTape tape_of_scenario(const Scenario& scenario);

// Is what it plays a .plan file?
bool is_saved_plan(const Scenario& scenario);

// With two threads or more the tape is read in one of its own, with three the plan is made in one
// as well; it is the same plan.
//
// Opens the tape, so that one that cannot be read is an error here; "-", standard input, once and
// for all. A saved plan (the scenario's `tape` is a .plan file) is read as it is; its tape must
// still have the hash that the plan names.
Result<std::unique_ptr<DeliverySource>> plan_scenario(const Scenario& scenario,
                                                      unsigned threads = 1);

// Reads the tape to hash it. Of a saved plan, its own header, played as this scenario says.
Result<PlanHeader> plan_header(const Scenario& scenario, const DeliverySource& plan);

// Whose messages a broker wants; empty where unknown.
struct StreamTarget {
  std::string environment{};
  std::string app_id{};
};

// The plan for one broker: the stream's names are the broker's unless the scenario remaps them
// itself, and times begin now if it restamps without saying when.
std::unique_ptr<DeliverySource> rewritten_for(std::unique_ptr<DeliverySource> plan,
                                              const Scenario& scenario, const StreamTarget& target);

}  // namespace autotape
