#include "scenario/scenario_plan.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "shape/plan.hpp"
#include "tape/reader.hpp"
#include "x509/digest.hpp"

namespace autotape {
namespace {

Result<std::unique_ptr<DeliverySource>> open_saved_plan(const Scenario& scenario) {
  if (!scenario.shape.stages.empty()) {
    return usage_error(scenario.tape + ": is a plan, and stages shape a tape");
  }
  AUTOTAPE_TRY_ASSIGN(auto plan, SavedPlan::open(scenario.tape));
  const PlanHeader& header = plan->header();
  if (!header.tape_sha256.empty()) {
    AUTOTAPE_TRY_ASSIGN(const std::string hash, sha256_of_file(header.tape));
    if (hash != header.tape_sha256) {
      return file_error(header.tape,
                        fmt::format("is not the tape that {} was made from", scenario.tape),
                        "make the plan again");
    }
  } else if (header.tape.empty()) {
    return file_error(scenario.tape, "was made from a generated tape, which it does not name",
                      "replay the scenario instead");
  }
  return std::unique_ptr<DeliverySource>(std::move(plan));
}

}  // namespace

OpenTape tape_of_scenario(const Scenario& scenario) {
  return [path = scenario.tape] { return open_tape(path); };
}

Result<std::unique_ptr<DeliverySource>> plan_scenario(const Scenario& scenario) {
  if (scenario.tape.ends_with(".plan")) {
    return open_saved_plan(scenario);
  }
  const OpenTape tape = tape_of_scenario(scenario);
  AUTOTAPE_TRY(tape());
  return std::unique_ptr<DeliverySource>(
      std::make_unique<DeliveryPlan>(tape, scenario.selection, scenario.shape, scenario.seed));
}

Result<PlanHeader> plan_header(const Scenario& scenario, const DeliverySource& plan) {
  PlanHeader header{scenario.tape, {}, scenario.name, scenario.seed, plan.stage_names()};
  if (!scenario.generated) {
    AUTOTAPE_TRY_ASSIGN(header.tape_sha256, sha256_of_file(scenario.tape));
  }
  return header;
}

}  // namespace autotape
