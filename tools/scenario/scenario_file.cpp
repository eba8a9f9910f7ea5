#include "scenario/scenario_file.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/text.hpp"
#include "generate/fleet.hpp"
#include "message/topic_filter.hpp"
#include "scenario/fault_reader.hpp"
#include "scenario/fields.hpp"
#include "scenario/fleet_text.hpp"
#include "scenario/plan_replay.hpp"
#include "scenario/scenario_plan.hpp"
#include "scenario/setting.hpp"
#include "scenario/stage_reader.hpp"
#include "scenario/yaml_document.hpp"
#include "verify/expectation_json.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

// Relative to the scenario's folder.
std::string beside(const std::string& scenario_path, const std::string& file) {
  const fs::path folder = fs::path(scenario_path).parent_path();
  return (folder / file).lexically_normal();
}

void read_tape(Fields& fields, Scenario& scenario) {
  const YamlNode* const node = fields.take("tape");
  if (node == nullptr) {
    return;
  }
  if (node->kind == YamlNode::Kind::scalar && !node->text.empty()) {
    scenario.tape = beside(scenario.file, node->text);
    // A plan that is not there is an error when it is played.
    if (is_saved_plan(scenario) && fs::exists(scenario.tape)) {
      if (const auto taken = take_plan_replay(scenario); !taken) {
        fields.refuse("tape", taken.error().line());
      }
    }
    return;
  }
  const YamlNode* const generate = node->find("generate");
  if (node->kind != YamlNode::Kind::mapping || generate == nullptr) {
    fields.refuse("tape", "\"tape\" must name a file, or say what to make up",
                  "like {generate: {cars: 100, duration: 5min}}");
    return;
  }
  Fields members(*node, "\"tape\"", fields.problems());
  members.take("generate");
  members.refuse_others();
  scenario.generated = read_fleet(*generate, scenario.stream, fields.problems());
}

void read_stream(Fields& fields, Scenario& scenario) {
  fields.choice("stream", scenario.stream, {{"v1", StreamVersion::v1}, {"v2", StreamVersion::v2}});
}

void read_rate(Fields& fields, ReplayRate& rate) {
  std::string text;
  fields.text("rate", text);
  if (text.empty()) {
    return;
  }
  if (const auto parsed = parse_replay_rate(text)) {
    rate = *parsed;
  } else {
    fields.refuse("rate", fmt::format("\"rate\" must be a multiple like 60, 500/s, or max, and is "
                                      "\"{}\"",
                                      text));
  }
}

void read_filters(Fields& fields, std::string_view key, std::vector<std::string>& filters) {
  fields.texts(key, filters);
  for (const std::string& filter : filters) {
    if (!is_topic_filter(filter)) {
      fields.refuse(key, fmt::format("\"{}\" is no MQTT topic filter", filter),
                    "+ and # stand alone in their level, # only in the last");
    }
  }
}

void read_remap(const YamlNode& node, Rewrite& remap, Problems& problems) {
  Fields fields(node, "\"remap\"", problems);
  std::string app_id;
  fields.text("app_id", app_id);
  if (!app_id.empty()) {
    remap.app_id = app_id;
  }
  std::string environment;
  fields.choice<std::string>("environment", environment,
                             {{"live", "live"}, {"sandbox", "sandbox"}});
  if (!environment.empty()) {
    remap.environment = environment;
  }
  if (const YamlNode* const vins = fields.take("vins")) {
    Fields names(*vins, "\"vins\"", problems);
    for (const YamlNode::Member& member : vins->members) {
      names.text(member.key, remap.vins[member.key]);
    }
  }
  if (const auto wrong = wrong_name_in(remap)) {
    problems.add(node.place, fmt::format("\"{}\" cannot stand in a topic", printable(*wrong, 40)),
                 "letters, digits, - and _ can");
  }
  fields.refuse_others();
}

void read_loop(const YamlNode& node, Selection& selection, Problems& problems) {
  Fields fields(node, "\"loop\"", problems);
  std::uint64_t passes = 1;
  fields.count("passes", passes, 1, 4095);
  selection.passes = static_cast<std::uint32_t>(passes);
  fields.choice("ids", selection.renew_ids, {{"new", true}, {"keep", false}});
  fields.choice("times", selection.shift_times, {{"shift", true}, {"keep", false}});
  fields.refuse_others();
}

void read_replay(const YamlNode& node, Scenario& scenario, Problems& problems) {
  Fields fields(node, "\"replay\"", problems);
  Selection& selection = scenario.selection;
  read_rate(fields, scenario.rate);
  fields.duration("start_offset", selection.start_offset);
  fields.optional_duration("duration", selection.duration);
  fields.optional_duration("longest_gap", selection.longest_gap);
  read_filters(fields, "include", selection.include);
  read_filters(fields, "exclude", selection.exclude);
  fields.flag("to_v2", selection.convert_to_v2);
  fields.flag("restamp", scenario.restamp);
  fields.optional_duration("max_lag", scenario.max_lag);
  if (const YamlNode* const loop = fields.take("loop")) {
    read_loop(*loop, selection, problems);
  }
  if (const YamlNode* const remap = fields.take("remap")) {
    read_remap(*remap, scenario.remap, problems);
  }
  fields.refuse_others();
}

void read_expect(const YamlNode& node, Scenario& scenario, Problems& problems) {
  const Fields fields(node, "\"expect\"", problems);
  Json expectation = Json::object();
  for (const YamlNode::Member& member : node.members) {
    Json one;
    one[member.key] = member.value.text;
    // One at a time, so that an error has the place of its member.
    if (const auto read = expectation_from_json(one, {}); !read) {
      problems.add(member.value.place.setting.empty() ? member.place : member.value.place,
                   fmt::format("\"{}: {}\": {}", member.key, member.value.text, read.error().what),
                   read.error().advice);
    }
    expectation.update(one);
  }
  if (auto read = expectation_from_json(expectation, {})) {
    scenario.expect = *read;
  }
}

// Folders and files are called like it.
void read_name(Fields& fields, std::string& name) {
  fields.text("name", name);
  if (name == "." || name == ".." || name.find('/') != std::string::npos) {
    fields.refuse(
        "name",
        fmt::format("\"name\" is that of a folder of results, and is \"{}\"", printable(name, 40)),
        "write it without \"/\"");
  }
}

void read_members(const YamlNode& root, Scenario& scenario, Problems& problems) {
  Fields fields(root, "a scenario", problems);
  std::uint64_t version = 0;
  fields.require("version");
  fields.count("version", version, 1, 1);
  fields.require("name");
  read_name(fields, scenario.name);
  fields.text("description", scenario.description);
  fields.texts("labels", scenario.labels);
  fields.count("seed", scenario.seed);
  read_stream(fields, scenario);
  fields.require("tape");
  read_tape(fields, scenario);
  if (const YamlNode* const replay = fields.take("replay")) {
    read_replay(*replay, scenario, problems);
  }
  if (const YamlNode* const shape = fields.take("shape")) {
    read_shape(*shape, scenario.file, scenario.shape, problems);
  }
  if (const YamlNode* const faults = fields.take("faults")) {
    scenario.faults = read_faults(*faults, problems);
  }
  if (const YamlNode* const expect = fields.take("expect")) {
    read_expect(*expect, scenario, problems);
  }
  std::uint64_t consumers = scenario.consumers;
  fields.count("consumers", consumers, 1, 100);
  scenario.consumers = static_cast<std::uint32_t>(consumers);
  fields.refuse_others();
}

struct ReadScenario {
  Scenario scenario;
  std::vector<Error> problems;  // with one of them the scenario is worth nothing
};

Result<ReadScenario> read_whole(const std::string& text, const std::string& path,
                                const std::vector<std::string>& settings) {
  AUTOTAPE_TRY_ASSIGN(YamlNode root, parse_yaml(text, path));
  for (const std::string& setting : settings) {
    AUTOTAPE_TRY(apply_setting(root, setting));
  }
  ReadScenario read;
  read.scenario.file = path;
  Problems problems(path);
  read_members(root, read.scenario, problems);
  read.problems = problems.all();
  return read;
}

}  // namespace

bool is_scenario_file(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml");
}

Result<Scenario> read_scenario(const std::string& text, const std::string& path,
                               const std::vector<std::string>& settings) {
  AUTOTAPE_TRY_ASSIGN(const ReadScenario read, read_whole(text, path, settings));
  return read.problems.empty() ? Result(read.scenario) : Result<Scenario>(read.problems.front());
}

Result<Scenario> open_scenario(const std::string& path, const std::vector<std::string>& settings) {
  if (is_scenario_file(path)) {
    AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path, max_yaml_bytes + 1));
    return read_scenario(text, path, settings);
  }
  if (!settings.empty()) {
    return usage_error(fmt::format("--set {}: {} is no scenario", settings.front(), path));
  }
  Scenario scenario;
  scenario.tape = path;
  scenario.name = fs::path(path).stem();
  if (is_saved_plan(scenario)) {
    AUTOTAPE_TRY(take_plan_replay(scenario));
  }
  return scenario;
}

std::vector<Error> problems_of_scenario(const std::string& path,
                                        const std::vector<std::string>& settings) {
  const auto text = read_file(path, max_yaml_bytes + 1);
  if (!text) {
    return {text.error()};
  }
  auto read = read_whole(*text, path, settings);
  return read ? std::move(read->problems) : std::vector<Error>{read.error()};
}

}  // namespace autotape
