#include "run/search/regression.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "message/envelope.hpp"
#include "scenario/scenario_writer.hpp"
#include "scenario/timed_fault_json.hpp"
#include "shape/plan.hpp"
#include "shape/plan_file.hpp"
#include "tape/writer.hpp"
#include "x509/digest.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

// What a verdict must know of a delivery and cannot see in its bytes.
bool needs_a_plan(const Delivery& delivery) {
  return std::any_of(delivery.actions.begin(), delivery.actions.end(),
                     [](const StageAction& action) {
                       return is_corruption(action.kind) || action.kind == ActionKind::new_id ||
                              action.kind == ActionKind::stale || action.kind == ActionKind::skewed;
                     });
}

Result<void> write_tape(const std::string& path, const std::vector<Delivery>& deliveries,
                        const RecordedRun& run, const std::string& description, bool force) {
  TapeHeader header;
  header.tool = run.manifest.tool;
  header.description = description;
  AUTOTAPE_TRY_ASSIGN(auto tape, create_tape(path, header, FileAccess::everyone, force));
  for (const Delivery& delivery : deliveries) {
    RecordedMessage recorded;
    recorded.received = ReceivedTime(delivery.due.time_since_epoch());
    recorded.message = *delivery.content;
    AUTOTAPE_TRY(tape->append(recorded));
  }
  return tape->close();
}

// Each delivery is a message of the new tape.
Result<void> write_plan(const std::string& path, const std::string& tape,
                        std::vector<Delivery> deliveries, const RecordedRun& run) {
  PlanHeader header;
  header.tape = fs::path(tape).filename();
  AUTOTAPE_TRY_ASSIGN(header.tape_sha256, sha256_of_file(tape));
  header.stages = run.stage_names;
  const PlanLines lines(run.stage_names);
  std::string text = plan_header_line(header) + "\n";
  for (Delivery& delivery : deliveries) {
    delivery.message = delivery.index;
    delivery.pass = 0;
    delivery.copy = 0;
    delivery.altered = false;
    lines.append(text, delivery);
  }
  return write_file(path, text);
}

Scenario scenario_of(const RecordedRun& run, const Part& part, const Symptom& symptom) {
  Scenario scenario;
  scenario.seed = run.manifest.seed;
  scenario.stream = run.manifest.stream;
  scenario.rate = part.rate;
  scenario.faults = faults_of(run, part);
  scenario.expect = run.manifest.expectation;
  scenario.consumers = static_cast<std::uint32_t>(run.manifest.consumers.size());
  require_nothing(scenario.expect);
  // Whoever fails it does so by this check, so it is exercised; a stream of nothing but broken
  // messages has none that must be handled.
  if (symptom.check == "dedup") {
    scenario.expect.dedup = CheckMode::required;
  } else if (symptom.check == "state") {
    scenario.expect.state = run.manifest.expectation.state;  // required, it asks for all properties
  } else if (symptom.check == "order") {
    scenario.expect.order = CheckMode::required;
  }
  return scenario;
}

std::string describe_moment(DataTime time) {
  return format_rfc3339(time.time_since_epoch());
}

std::string describe_delivery(const RecordedRun& run, const Delivery& delivery,
                              EnvelopeReader& envelopes) {
  std::string text;
  if (const auto envelope = envelopes.read(delivery.content->payload)) {
    text = printable((*envelope)->message_id, 80);
    if (text.size() > 14) {
      text = fmt::format("{}…{}", text.substr(0, 8), text.substr(text.size() - 5));
    }
    std::size_t number = 0;
    for (const Reading& reading : (*envelope)->readings) {
      if (++number > 3) {
        text += fmt::format(", and {} more", (*envelope)->readings.size() - 3);
        break;
      }
      text +=
          fmt::format("  {} {}.{}{}", printable((*envelope)->vin, 20), reading.capability,
                      reading.property, reading.item > 0 ? fmt::format("[{}]", reading.item) : "");
      text += reading.timestamp ? " of " + describe_moment(*reading.timestamp) : " of no time";
    }
  } else {
    text = "cannot be read: " + printable(delivery.content->payload, 60);
  }
  const auto actions = action_names(delivery, run.stage_names);
  if (!actions.empty()) {
    text += fmt::format("  ({})", fmt::join(actions, ", "));
  }
  return text;
}

}  // namespace

Result<void> refuse_existing_regression(const std::string& folder, const std::string& name) {
  for (const std::string_view ending : {".yaml", ".ndjson", ".plan"}) {
    const std::string path = fmt::format("{}/{}{}", folder, name, ending);
    if (fs::exists(path)) {
      return file_error(path, "is there already", "--force to overwrite it, or another --name");
    }
  }
  return {};
}

Result<Regression> save_regression(const RecordedRun& run, const Part& part, const Symptom& symptom,
                                   const std::string& folder, const std::string& name, bool force) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    return file_error(folder, "cannot make the folder: " + error.message());
  }
  if (!force) {
    AUTOTAPE_TRY(refuse_existing_regression(folder, name));
  }
  Regression saved;
  saved.scenario = fmt::format("{}/{}.yaml", folder, name);
  saved.tape = fmt::format("{}/{}.ndjson", folder, name);
  const std::vector<Delivery> deliveries = deliveries_of(run, part);
  Scenario scenario = scenario_of(run, part, symptom);
  scenario.name = name;
  scenario.description =
      fmt::format("Smallest stream found that breaks a consumer by {}.", symptom.text());
  AUTOTAPE_TRY(write_tape(saved.tape, deliveries, run, scenario.description, force));
  scenario.tape = name + ".ndjson";
  if (std::any_of(deliveries.begin(), deliveries.end(), needs_a_plan)) {
    saved.plan = fmt::format("{}/{}.plan", folder, name);
    AUTOTAPE_TRY(write_plan(saved.plan, saved.tape, deliveries, run));
    scenario.tape = name + ".plan";
  }
  AUTOTAPE_TRY(write_file(saved.scenario, scenario_text(scenario)));
  return saved;
}

std::string describe_part(const RecordedRun& run, const Part& part) {
  EnvelopeReader envelopes;
  const auto faults = faults_of(run, part);
  std::string text;
  const auto add_faults_after = [&](std::uint64_t sent) {
    for (const TimedFault& fault : faults) {
      if (fault.after_deliveries == sent) {
        text += fmt::format("      — {} —\n", write_document(fault.what));
      }
    }
  };
  add_faults_after(0);
  for (const Delivery& delivery : deliveries_of(run, part)) {
    const std::string when = part.rate.kind == ReplayRate::Kind::maximum
                                 ? ""
                                 : describe_duration(delivery.due.time_since_epoch()) + "  ";
    text += fmt::format("  {:>3}  {}{}\n", delivery.index, when,
                        describe_delivery(run, delivery, envelopes));
    add_faults_after(delivery.index);
  }
  for (const TimedFault& fault : faults) {
    if (fault.on_event) {
      text += fmt::format("      — on {}: {} —\n", *fault.on_event, write_document(fault.what));
    }
  }
  return text;
}

}  // namespace autotape
