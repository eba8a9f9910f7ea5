#include "scenario/scenario_plan.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "generate/fleet.hpp"
#include "replay/prefetch.hpp"
#include "replay/rewrite.hpp"
#include "scenario/fleet_text.hpp"
#include "scenario/plan_replay.hpp"
#include "shape/plan.hpp"
#include "tape/read_ahead_tape.hpp"
#include "tape/reader.hpp"
#include "x509/digest.hpp"

namespace autotape {
namespace {

// Beside the plan, so that both can be moved together, or as the plan names it.
std::string path_of_tape(const std::string& plan, const std::string& tape) {
  namespace fs = std::filesystem;
  const std::string beside = fs::path(plan).parent_path() / tape;
  return fs::path(tape).is_relative() && fs::exists(beside) ? beside : tape;
}

// Of topics and payloads: another version of the generator must not play another tape in silence.
Result<std::string> sha256_of_messages(const OpenTape& open) {
  AUTOTAPE_TRY_ASSIGN(const auto tape, open());
  Sha256 hash;
  for (RecordedMessage recorded;;) {
    AUTOTAPE_TRY_ASSIGN(const bool found, tape->next_message(recorded));
    if (!found) {
      return hash.hex();
    }
    hash.add(recorded.message.topic);
    hash.add("\n");
    hash.add(recorded.message.payload);
    hash.add("\n");
  }
}

OpenTape generated_tape(const FleetSettings& fleet) {
  return [fleet] { return open_generated_tape(fleet); };
}

// What a saved plan was made from, if it still is what it was.
Result<OpenTape> tape_of_plan(const std::string& path, const PlanHeader& header) {
  if (!header.generate.empty()) {
    const StreamVersion stream = header.stream == "v2" ? StreamVersion::v2 : StreamVersion::v1;
    AUTOTAPE_TRY_ASSIGN(const FleetSettings fleet, fleet_from_text(header.generate, stream, path));
    OpenTape tape = generated_tape(fleet);
    AUTOTAPE_TRY_ASSIGN(const std::string hash, sha256_of_messages(tape));
    if (hash != header.tape_sha256) {
      return file_error(path, "this version generates another tape than the one it was made from",
                        "make the plan again");
    }
    return tape;
  }
  if (header.tape.empty() || header.tape == standard_input) {
    return file_error(path, "was made from standard input, which is gone",
                      "make the plan from a file");
  }
  const std::string tape = path_of_tape(path, header.tape);
  if (!header.tape_sha256.empty()) {
    AUTOTAPE_TRY_ASSIGN(const std::string hash, sha256_of_file(tape));
    if (hash != header.tape_sha256) {
      return file_error(tape, fmt::format("is not the tape that {} was made from", path),
                        "make the plan again");
    }
  }
  return OpenTape([tape] { return open_tape(tape); });
}

Result<std::unique_ptr<DeliverySource>> open_saved_plan(const Scenario& scenario) {
  if (!scenario.shape.stages.empty() || scenario.selection != Selection()) {
    return usage_error(
        scenario.tape +
            ": is a saved plan, which holds what is played; stages and choices are of a tape",
        "give them when the plan is made");
  }
  AUTOTAPE_TRY_ASSIGN(auto plan, SavedPlan::open(scenario.tape));
  AUTOTAPE_TRY_ASSIGN(OpenTape tape, tape_of_plan(scenario.tape, plan->header()));
  plan->read_messages_from(std::move(tape));
  return std::unique_ptr<DeliverySource>(std::move(plan));
}

// The tape, which is opened at once for the first pass: one that cannot be read is an error now.
Result<OpenTape> opened_now(const Scenario& scenario) {
  if (scenario.tape == standard_input && scenario.selection.passes > 1) {
    return usage_error("-: standard input can be played only once", "loop over a file");
  }
  const OpenTape open = tape_of_scenario(scenario);
  AUTOTAPE_TRY_ASSIGN(auto reader, open());
  const auto first = std::make_shared<std::unique_ptr<TapeReader>>(std::move(reader));
  return OpenTape([open, first]() -> Result<std::unique_ptr<TapeReader>> {
    return *first != nullptr ? Result<std::unique_ptr<TapeReader>>(std::move(*first)) : open();
  });
}

}  // namespace

bool is_saved_plan(const Scenario& scenario) {
  return scenario.tape.ends_with(".plan");
}

OpenTape tape_of_scenario(const Scenario& scenario) {
  if (scenario.generated) {
    return generated_tape(*scenario.generated);
  }
  return [path = scenario.tape] { return open_tape(path); };
}

Result<std::unique_ptr<DeliverySource>> plan_scenario(const Scenario& scenario, unsigned threads) {
  if (is_saved_plan(scenario)) {
    return open_saved_plan(scenario);
  }
  AUTOTAPE_TRY_ASSIGN(OpenTape tape, opened_now(scenario));
  if (threads > 1) {
    tape = [open = std::move(tape)]() -> Result<std::unique_ptr<TapeReader>> {
      AUTOTAPE_TRY_ASSIGN(auto reader, open());
      return read_tape_ahead(std::move(reader));
    };
  }
  std::unique_ptr<DeliverySource> plan =
      std::make_unique<DeliveryPlan>(tape, scenario.selection, scenario.shape, scenario.seed);
  if (threads > 2) {
    plan = std::make_unique<PrefetchedPlan>(std::move(plan));
  }
  return plan;
}

Result<PlanHeader> plan_header(const Scenario& scenario, const DeliverySource& plan) {
  if (is_saved_plan(scenario)) {
    AUTOTAPE_TRY_ASSIGN(PlanHeader header, SavedPlan::read_header(scenario.tape));
    header.replay = plan_replay(scenario);
    return header;
  }
  PlanHeader header;
  header.tape = scenario.tape;
  header.scenario = scenario.name;
  header.seed = scenario.seed;
  header.stages = plan.stage_names();
  header.replay = plan_replay(scenario);
  if (scenario.generated) {
    header.generate = fleet_text(*scenario.generated);
    header.stream = scenario.generated->stream == StreamVersion::v2 ? "v2" : "v1";
    AUTOTAPE_TRY_ASSIGN(header.tape_sha256, sha256_of_messages(tape_of_scenario(scenario)));
  } else if (scenario.tape != standard_input) {
    AUTOTAPE_TRY_ASSIGN(header.tape_sha256, sha256_of_file(scenario.tape));
  }
  return header;
}

std::unique_ptr<DeliverySource> rewritten_for(std::unique_ptr<DeliverySource> plan,
                                              const Scenario& scenario,
                                              const StreamTarget& target) {
  Rewrite rewrite = scenario.remap;
  if (!rewrite.environment && !target.environment.empty()) {
    rewrite.environment = target.environment;
  }
  if (!rewrite.app_id && !target.app_id.empty()) {
    rewrite.app_id = target.app_id;
  }
  if (scenario.restamp && !rewrite.first_data_time) {
    rewrite.first_data_time = DataTime(wall_now().time_since_epoch());
  }
  if (!rewrite.changes_anything()) {
    return plan;
  }
  return std::make_unique<RewrittenPlan>(std::move(plan), std::move(rewrite));
}

}  // namespace autotape
