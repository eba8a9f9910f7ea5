#include "cli/replay_options.hpp"

#include <utility>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "message/topic_filter.hpp"
#include "scenario/scenario_file.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape {
namespace {

Result<void> check_filters(const std::string& option, const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    if (!is_topic_filter(filter)) {
      return usage_error(fmt::format("{} {}: is no MQTT topic filter", option, filter));
    }
  }
  return {};
}

Result<void> add_remap(Rewrite& remap, const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (value.empty()) {
    return usage_error(fmt::format("--remap {}: has no value", text),
                       "write app_id=…, environment=… or vin.OLD=NEW");
  }
  if (name == "app_id") {
    remap.app_id = value;
  } else if (name == "environment") {
    if (!is_environment(value)) {
      return usage_error(fmt::format("--remap {}: is neither live nor sandbox", text));
    }
    remap.environment = value;
  } else if (name.starts_with("vin.") && name.size() > 4) {
    remap.vins[name.substr(4)] = value;
  } else {
    return usage_error(fmt::format("--remap {}: is not known", text),
                       "write app_id=…, environment=… or vin.OLD=NEW");
  }
  return {};
}

void apply_selection(Selection& selection, const ReplayOptions& options) {
  selection.include.insert(selection.include.end(), options.include.begin(), options.include.end());
  selection.exclude.insert(selection.exclude.end(), options.exclude.begin(), options.exclude.end());
  selection.start_offset = options.start_offset.value_or(selection.start_offset);
  if (options.playback_duration) {
    selection.duration = options.playback_duration;
  }
  if (options.longest_gap) {
    selection.longest_gap = options.longest_gap;
  }
  selection.passes = options.loop.value_or(selection.passes);
  if (!options.loop_ids.empty()) {
    selection.renew_ids = options.loop_ids == "new";
  }
  if (!options.loop_times.empty()) {
    selection.shift_times = options.loop_times == "shift";
  }
  selection.convert_to_v2 = selection.convert_to_v2 || options.to_v2;
}

Result<void> apply_restamp(Scenario& scenario, const ReplayOptions& options) {
  scenario.restamp = scenario.restamp || options.restamp;
  if (options.restamp) {
    scenario.remap.first_data_time.reset();  // of a saved plan
  }
  if (options.restamp_at.empty()) {
    return {};
  }
  scenario.remap.first_data_time = parse_rfc3339_as<DataClock>(options.restamp_at);
  if (!scenario.remap.first_data_time) {
    return usage_error(fmt::format("--restamp-at {}: is no time", options.restamp_at),
                       "write it like 2026-01-02T03:04:05Z");
  }
  return {};
}

void apply_stages(Shape& shape, const ReplayOptions& options) {
  if (options.duplicate) {
    DuplicateSettings duplicate;
    duplicate.probability = *options.duplicate;
    duplicate.delay = FixedDuration{options.duplicate_delay};
    add_stage(shape, duplicate);
  }
  if (options.reorder && *options.reorder > 0) {
    ReorderSettings reorder;
    reorder.messages = *options.reorder;
    add_stage(shape, reorder);
  }
}

}  // namespace

void add_replay_options(CLI::App& command, ReplayOptions& options) {
  command.add_option("--rate,-r", options.rate,
                     "Times as fast as the tape (60), deliveries in a second (500/s), or max");
  add_share_option(command, "--duplicate", options.duplicate,
                   "Publish this share of the messages again (10%)");
  add_duration_option(command, "--duplicate-delay", options.duplicate_delay,
                      "How long after the first time, in the tape's time [5s]");
  command.add_option("--reorder", options.reorder,
                     "Each message may arrive up to so many places late");
  command.add_option("--seed", options.seed, "Luck: the same seed gives the same deliveries [1]");
  command.add_option("--include", options.include,
                     "Only topics that match this filter; repeatable");
  command.add_option("--exclude", options.exclude, "Without topics that match this filter");
  add_duration_option(command, "--start-offset", options.start_offset,
                      "Begin so far into the tape");
  add_duration_option(command, "--playback-duration", options.playback_duration,
                      "Play so much of the tape");
  add_duration_option(command, "--longest-gap", options.longest_gap,
                      "Shorten longer silences on the tape to this");
  command.add_option("--loop", options.loop, "Play the tape so many times, one after the other")
      ->check(CLI::Range(1U, 4095U));
  command.add_option("--loop-ids", options.loop_ids, "message_ids of later passes [new]")
      ->check(CLI::IsMember({"new", "keep"}));
  command.add_option("--loop-times", options.loop_times, "Data times of later passes [shift]")
      ->check(CLI::IsMember({"shift", "keep"}));
  command.add_option("--remap", options.remap,
                     "app_id=…, environment=… or vin.OLD=NEW; repeatable [the broker's own]");
  command.add_flag("--restamp", options.restamp, "Data times begin now and keep their distances");
  command
      .add_option("--restamp-at", options.restamp_at,
                  "As --restamp, but they begin at this time: shards must agree on it")
      ->type_name("TIME");
  command.add_flag("--to-v2", options.to_v2, "Send V1 messages as messages of the V2 stream");
  command.add_option("--set", options.settings,
                     "Another value in the scenario: --set shape.0.probability=0.2; repeatable");
}

Result<Scenario> scenario_of(const std::string& input, const ReplayOptions& options) {
  AUTOTAPE_TRY(check_filters("--include", options.include));
  AUTOTAPE_TRY(check_filters("--exclude", options.exclude));
  AUTOTAPE_TRY_ASSIGN(Scenario scenario, open_scenario(input, options.settings));
  if (options.seed && is_saved_plan(scenario)) {
    return usage_error(fmt::format("--seed {}: {} is a saved plan, whose dice are cast",
                                   *options.seed, scenario.tape),
                       "make another plan with it");
  }
  if (options.rate) {
    const auto rate = parse_replay_rate(*options.rate);
    if (!rate) {
      return usage_error(fmt::format("--rate {}: is no rate", *options.rate),
                         "write 60 (times as fast), 500/s, or max");
    }
    scenario.rate = *rate;
  }
  scenario.seed = options.seed.value_or(scenario.seed);
  for (const std::string& remap : options.remap) {
    AUTOTAPE_TRY(add_remap(scenario.remap, remap));
  }
  if (const auto wrong = wrong_name_in(scenario.remap)) {
    return usage_error(
        fmt::format("--remap: \"{}\" cannot stand in a topic", printable(*wrong, 40)),
        "letters, digits, - and _ can");
  }
  AUTOTAPE_TRY(apply_restamp(scenario, options));
  if (options.max_lag) {
    scenario.max_lag = options.max_lag;
  }
  apply_selection(scenario.selection, options);
  apply_stages(scenario.shape, options);
  return scenario;
}

}  // namespace autotape
