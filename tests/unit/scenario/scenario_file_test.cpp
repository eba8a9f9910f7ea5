#include "scenario/scenario_file.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <map>

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "scenario/scenario_plan.hpp"
#include "scenario/yaml_document.hpp"
#include "tests/unit/support/memory_tape.hpp"
#include "tests/unit/support/source_folder.hpp"
#include "x509/digest.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* head = "version: 1\nname: x\ntape: t.ndjson\n";

Result<Scenario> read(const std::string& rest, const std::vector<std::string>& settings = {}) {
  return read_scenario(head + rest, "s.yaml", settings);
}

struct BadScenario {
  std::string rest;   // behind three good lines
  std::string error;  // begins so
};

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() + "/scenarios")) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("A scenario is read with all its values") {
  const auto scenario = read(R"(description: a story
labels: [a, b]
seed: 7
stream: v2
consumers: 2
replay:
  rate: 500/s
  start_offset: 5s
  duration: 1min
  include: live/#
  loop: {passes: 3, ids: keep}
  remap: {app_id: AA, vins: {OLD: NEW}}
shape:
  - stage: duplicate
    probability: 10%
    delay: {uniform: [1s, 5s]}
    match: {car: [A, B*], from: 1s}
  - stage: duplicate
    class: new-id
  - stage: late
    name: tunnel
    delay: {normal: {mean: 1h, deviation: 1min}}
faults:
  - after_deliveries: 10
    fault: latency
    latency: 200ms
  - at: 1min
    consumer: stop
    for: 5s
expect:
  dedup: required
  dedup_memory: 10min
)");
  if (!scenario) {
    FAIL(scenario.error().line());
  }
  CHECK(scenario->tape == "t.ndjson");
  CHECK(scenario->stream == StreamVersion::v2);
  CHECK(scenario->rate == ReplayRate{ReplayRate::Kind::per_second, 500});
  CHECK(scenario->selection.passes == 3);
  CHECK_FALSE(scenario->selection.renew_ids);
  CHECK(scenario->remap.vins.at("OLD") == "NEW");
  REQUIRE(scenario->shape.stages.size() == 3);
  CHECK(scenario->shape.stages[0].match.cars.size() == 2);
  CHECK(scenario->shape.stages[1].name == "duplicate-2");
  CHECK(scenario->shape.stages[2].name == "tunnel");
  REQUIRE(scenario->faults.size() == 2);
  CHECK(scenario->faults[0].what.dump() == R"({"fault":"latency","latency":"200ms"})");
  CHECK(scenario->faults[1].what.dump() == R"({"consumer":"stop","for":"5s"})");
  CHECK(scenario->expect.dedup == CheckMode::required);
  CHECK(scenario->expect.dedup_memory == Duration(10min));
}

TEST_CASE("What is wrong with a scenario is said with line and column") {
  const std::vector<BadScenario> bad{
      {"labls: y\n", "s.yaml:4:1: a scenario has no \"labls\" (did you mean \"labels\"?)"},
      {"name: y\n", "s.yaml:4:1: \"name\" is there twice"},
      {"seed: many\n", "s.yaml:4:7: \"seed\" must be a whole number, and is \"many\""},
      {"seed: -1\n", "s.yaml:4:7: \"seed\" must be a whole number"},
      {"stream: v3\n", "s.yaml:4:9: \"stream\" must be one of v1, v2, and is \"v3\""},
      {"labels: {a: b}\n", "s.yaml:4:9: \"labels\" must be a text or a list of texts"},
      {"consumers: 0\n", "s.yaml:4:12: \"consumers\" must be a whole number from 1 to 100"},
      {"replay: fast\n", "s.yaml:4:9: \"replay\" must be a mapping"},
      {"replay: {rate: soon}\n", "s.yaml:4:16: \"rate\" must be a multiple like 60"},
      {"replay: {rates: 5}\n", "s.yaml:4:10: \"replay\" has no \"rates\" (did you mean \"rate\"?)"},
      {"replay: {duration: 5}\n", "s.yaml:4:20: \"duration\" must be a duration like 200ms"},
      {"replay: {include: a/#/b}\n", "s.yaml:4:19: \"a/#/b\" is no MQTT topic filter"},
      {"replay: {loop: {passes: 0}}\n", "s.yaml:4:25: \"passes\" must be a whole number"},
      {"replay: {remap: {environment: test}}\n", "s.yaml:4:31: \"environment\" must be one of"},
      {"replay: {restamp: yes}\n", "s.yaml:4:19: \"restamp\" must be true or false"},
      {"shape: duplicate\n", "s.yaml:4:8: \"shape\" must be a list of stages"},
      {"shape: [{}]\n", "s.yaml:4:9: a stage needs \"stage\""},
      {"shape: [{stage: duplicat}]\n", "s.yaml:4:17: there is no stage \"duplicat\" (did you"},
      {"shape: [{stage: duplicate, probability: 110%}]\n", "s.yaml:4:41: \"probability\" must be"},
      {"shape: [{stage: duplicate, copies: 0}]\n", "s.yaml:4:36: \"copies\" must be a whole"},
      {"shape: [{stage: duplicate, delay: {uniform: [5s, 1s]}}]\n",
       "s.yaml:4:45: \"uniform\" must have the smaller duration first"},
      {"shape: [{stage: duplicate, delay: {gamma: 5s}}]\n",
       "s.yaml:4:36: \"delay\" has no \"gamma\""},
      {"shape: [{stage: duplicate, class: same}]\n", "s.yaml:4:35: \"class\" must be one of"},
      {"shape: [{stage: reorder}]\n", "s.yaml:4:9: a reorder stage needs a window"},
      {"shape: [{stage: reorder, messages: 5, time: 1s}]\n",
       "s.yaml:4:36: a reorder stage needs a window"},
      {"shape: [{stage: reorder, time: 1s, scope: car}]\n",
       "s.yaml:4:43: \"scope\" needs a window"},
      {"shape: [{stage: late}]\n", "s.yaml:4:9: a stage \"late\" needs \"delay\""},
      {"shape: [{stage: hold, at: 1s}]\n", "s.yaml:4:9: a stage \"hold\" needs \"for\""},
      {"shape: [{stage: hold, at: 1s, for: 5s, every: 2s}]\n", "s.yaml:4:47: \"every\" must be"},
      {"shape: [{stage: burst, every: 0}]\n", "s.yaml:4:31: \"every\" must be longer than nothing"},
      {"shape: [{stage: rate, limit: 5}]\n", "s.yaml:4:30: \"limit\" must be a rate like 5/s"},
      {"shape: [{stage: corrupt, kinds: [broken]}]\n", "s.yaml:4:33: \"broken\" is no corruption"},
      {"shape: [{stage: drop, match: {from: 5s, to: 1s}}]\n", "s.yaml:4:45: \"to\" must be later"},
      {"shape: [{stage: drop, name: Tunnel}]\n", "s.yaml:4:29: a stage's name has lower-case"},
      {"shape: [{stage: like, tape: no-such.ndjson}]\n",
       "s.yaml:4:29: no-such.ndjson: cannot open"},
      {"faults: [{at: 1s}]\n", "s.yaml:4:10: a fault needs \"fault\" (of the broker) or"},
      {"faults: [{fault: restart}]\n", "s.yaml:4:10: a fault needs one moment"},
      {"faults: [{at: 1s, fault: restrat}]\n", "s.yaml:4:26: there is no fault \"restrat\" (did"},
      {"faults: [{at: 1s, fault: refuse}]\n", "s.yaml:4:10: a fault needs \"client\""},
      {"faults: [{on_event: lunch, fault: resume}]\n",
       "s.yaml:4:21: the broker has no event \"lunch\""},
      {"faults: [{at: 1s, consumer: stop}]\n", "s.yaml:4:10: a fault needs \"for\""},
      {"expect: {dedpu: required}\n", "s.yaml:4:10: \"dedpu: required\": is not known"},
      {"expect: {dedup: maybe}\n", "s.yaml:4:10: \"dedup: maybe\": is none of"},
      {"version: 1\n", "s.yaml:4:1: \"version\" is there twice"},
      {"stream: [v1]\n", "s.yaml:4:9: \"stream\" must be one of v1, v2, and is a list"},
      {"description: {a: b}\n", "s.yaml:4:14: \"description\" must be a text"},
      {"replay: {max_lag: -1s}\n", "s.yaml:4:19: \"max_lag\" must be a duration like 200ms"},
      {"replay: {loop: {ids: old}}\n", "s.yaml:4:22: \"ids\" must be one of new, keep"},
      {"replay: {remap: {vin: A}}\n", "s.yaml:4:18: \"remap\" has no \"vin\" (did you"},
      {"shape: [duplicate]\n", "s.yaml:4:9: a stage must be a mapping"},
      {"shape: [{stage: drop, probability: high}]\n", "s.yaml:4:36: \"probability\" must be"},
      {"shape: [{stage: drop, match: {topic: a#}}]\n", "s.yaml:4:38: \"a#\" is no MQTT topic"},
      {"shape: [{stage: clock_skew, drift: fast}]\n", "s.yaml:4:36: \"drift\" must be a number"},
      {"shape: [{stage: late, delay: 5}]\n", "s.yaml:4:30: \"delay\" must be a duration"},
      {"faults: {at: 1s}\n", "s.yaml:4:9: \"faults\" must be a list, and is a mapping"},
      {"faults: [{at: 1s, fault: cut, after_bytes: few}]\n",
       "s.yaml:4:44: \"after_bytes\" must be a number of bytes like 64KiB"},
      {"faults: [{at: 1s, consumer: explode}]\n",
       "s.yaml:4:29: \"consumer\" must be one of restart, kill, stop, takeover"},
      {"\tseed: 1\n", "s.yaml:4:1: a tab in the indentation (YAML takes spaces there)"},
      {"seed: \"\xFF\"\n", "s.yaml:1:1: is not valid UTF-8"},
      {"a: [\n", "s.yaml:"},
      {"a: &x {b: *x}\n", "s.yaml:4:11: aliases are not supported"},
  };
  for (const BadScenario& scenario : bad) {
    CAPTURE(scenario.rest);
    const auto result = read(scenario.rest);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK(result.error().line().substr(0, scenario.error.size()) == scenario.error);
  }
}

TEST_CASE("What is wrong with a tape that is made up is said with line and column") {
  const std::vector<BadScenario> bad{
      {"tape: []\n", "s.yaml:3:7: \"tape\" must name a file, or say what to make up"},
      {"tape: {make: {}}\n", "s.yaml:3:7: \"tape\" must name a file, or say what to make up"},
      {"tape: {generate: {}, file: x}\n", "s.yaml:3:22: \"tape\" has no \"file\""},
      {"tape: {generate: 5}\n", "s.yaml:3:18: \"generate\" must be a mapping"},
      {"tape: {generate: {car: 5}}\n",
       "s.yaml:3:19: \"generate\" has no \"car\" (did you mean \"cars\"?)"},
      {"tape: {generate: {cars: 0}}\n", "s.yaml:3:25: \"cars\" must be a whole number from 1"},
      {"tape: {generate: {duration: 0}}\n", "s.yaml:3:29: \"duration\" must be longer"},
      {"tape: {generate: {properties: diagnostics.odometr}}\n",
       "s.yaml:3:31: \"diagnostics\" has no property \"odometr\" (did you mean"},
      {"tape: {generate: {start: morning}}\n", "s.yaml:3:26: \"start\" must be a time like"},
  };
  for (const BadScenario& scenario : bad) {
    CAPTURE(scenario.rest);
    const auto result = read_scenario("version: 1\nname: x\n" + scenario.rest, "s.yaml");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK(result.error().line().substr(0, scenario.error.size()) == scenario.error);
  }
}

TEST_CASE("A tape can be made up, of the stream that the scenario is about") {
  const auto scenario = read_scenario(
      "version: 1\nname: x\nstream: v2\n"
      "tape: {generate: {cars: 3, count: 50, seed: 4, properties: [diagnostics, trips.event]}}\n",
      "s.yaml");
  REQUIRE(scenario);
  REQUIRE(scenario->generated);
  CHECK(scenario->generated->cars == 3);
  CHECK(scenario->generated->stream == StreamVersion::v2);
  CHECK(scenario->generated->properties.size() == 2);
  auto plan = plan_scenario(*scenario);
  REQUIRE(plan);
  CHECK(whole_plan(**plan).deliveries.size() == 50);
}

TEST_CASE("A scenario needs its version, its name and its tape") {
  CHECK(read_scenario("name: x\ntape: t\n", "s").error().line() ==
        "s:1:1: a scenario needs \"version\"");
  CHECK(read_scenario("version: 2\nname: x\ntape: t\n", "s").error().where == "s:1:10");
  CHECK(read_scenario("version: 1\ntape: t\n", "s").error().what == "a scenario needs \"name\"");
  CHECK(read_scenario("version: 1\nname: x\n", "s").error().what == "a scenario needs \"tape\"");
  CHECK(read_scenario("", "s").error().what == "is empty");
  CHECK(read_scenario("- a\n", "s").error().where == "s:1:1");
}

TEST_CASE("Bombs are refused at once") {
  std::string laughs = "a: &a [lol, lol]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    laughs += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
              static_cast<char>(c - 1) + "]\n";
  }
  for (const std::string& bomb : {laughs, std::string("&a [*a]\n"), std::string(100'000, '['),
                                  "a: [" + std::string(300'000, ',') + "]"}) {
    CAPTURE(bomb.substr(0, 20));
    const std::clock_t before = std::clock();
    CHECK_FALSE(read_scenario(bomb, "s"));
    const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    CHECK(seconds < 0.1);  // of the processor: other work on the machine does not count
  }
}

// A scenario in which each stage and nearly each value occurs.
constexpr const char* whole_scenario = R"(version: 1
name: whole
description: everything
labels: [a, b]
seed: 7
stream: v1
consumers: 2
tape:
  generate: {cars: 3, duration: 1min, count: 100, seed: 4, properties: [diagnostics.speed], start: 2026-03-02T07:00:00Z}
replay:
  rate: 60
  start_offset: 1s
  duration: 50s
  longest_gap: 10s
  include: [sandbox/#]
  exclude: [live/#]
  to_v2: false
  restamp: false
  max_lag: 1s
  loop: {passes: 2, ids: new, times: shift}
  remap: {app_id: AA, environment: live, vins: {OLD: NEW}}
shape:
  - {stage: duplicate, name: twice, probability: 10%, copies: 2, delay: {uniform: [1s, 5s]}, class: new-id}
  - {stage: stale, probability: 1%, age: {exponential: 1min}}
  - {stage: tie, probability: 1%, delay: 1s}
  - {stage: reorder, mode: late, messages: 3, scope: car, probability: 50%}
  - {stage: delay, probability: 1%, delay: {normal: {mean: 1s, deviation: 1s}}}
  - {stage: hold, at: 10s, for: 5s, every: 20s, order: shuffled}
  - {stage: gap, at: 40s, for: 1s}
  - {stage: drop, probability: 1%, match: {car: [A], cars: 50%, capability: diagnostics, property: speed, topic: "#", from: 1s, to: 2s, share: 10%}}
  - {stage: burst, every: 1s}
  - {stage: rate, limit: 1000/s}
  - {stage: clock_skew, offset: -1s, drift: 5}
  - {stage: corrupt, probability: 1%, kinds: [truncated], huge_size: 1000}
faults:
  - {at: 1s, fault: latency, client: consumer, direction: both, latency: 1s, jitter: 1ms, pause: 1s}
  - {after_deliveries: 5, fault: restart, kill: true, forget_sessions: false}
  - {on_event: connected, consumer: stop, for: 1s}
expect: {completeness: required, dedup: required, order_rule: latest-wins}
)";

// "shape.0.delay.uniform.1", …: what --set can name.
void collect_leaves(const YamlNode& node, const std::string& path,
                    std::vector<std::string>& leaves) {
  const auto step = [&](const std::string& name) {
    return path.empty() ? name : path + "." + name;
  };
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    collect_leaves(node.items[i], step(std::to_string(i)), leaves);
  }
  for (const YamlNode::Member& member : node.members) {
    collect_leaves(member.value, step(member.key), leaves);
  }
  if (node.items.empty() && node.members.empty()) {
    leaves.push_back(path);
  }
}

TEST_CASE("Each value can be replaced from the command line, and a wrong one is blamed on it") {
  REQUIRE(read_scenario(whole_scenario, "s.yaml"));
  std::vector<std::string> leaves;
  collect_leaves(*parse_yaml(whole_scenario, "s.yaml"), {}, leaves);
  CHECK(leaves.size() > 90);
  for (const std::string& leaf : leaves) {
    const std::string setting = leaf + "=[[]]";  // nothing takes a list of lists
    CAPTURE(setting);
    const auto scenario = read_scenario(whole_scenario, "s.yaml", {setting});
    REQUIRE_FALSE(scenario);
    CHECK(scenario.error().kind == ErrorKind::usage);
    CHECK(scenario.error().line().starts_with("--set " + setting + ": "));
  }
}

TEST_CASE("What was replaced is what counts, and what is not there can be added") {
  const std::string shape = "shape:\n  - stage: duplicate\n    probability: 10%\n";
  const auto probability = [&](const std::string& setting) {
    const auto scenario = read(shape, {setting});
    REQUIRE(scenario);
    return std::get<DuplicateSettings>(scenario->shape.stages[0].settings).probability;
  };
  CHECK(probability("shape.0.probability=0.2") == 0.2);
  CHECK(probability("seed=9") == 0.1);
  CHECK(read(shape, {"shape.0.delay={exponential: 3s}"}));
  CHECK(read(shape, {"replay.rate=max"})->rate.kind == ReplayRate::Kind::maximum);
  CHECK(read(shape, {"tape={generate: {cars: 5}}"})->generated->cars == 5);
  CHECK(read(shape, {"tape={generate: {}}", "tape.generate.cars=7"})->generated->cars == 7);
  CHECK(read(shape, {"shape.1.probability=0.2"}).error().line() ==
        "--set shape.1.probability=0.2: the list has no place \"1\" (it has 1, the first is 0)");
  CHECK(read(shape, {"shape.0.probabilty=0.2"}).error().line() ==
        "--set shape.0.probabilty=0.2: a stage \"duplicate\" has no \"probabilty\" (did you mean "
        "\"probability\"?)");
  CHECK_FALSE(read(shape, {"seed"}));
  CHECK_FALSE(read(shape, {"name.x=1"}));
}

TEST_CASE("The library of scenarios can be read, and each plan accounts for every message") {
  const auto files = scenario_files();
  CHECK(files.size() >= 20);
  for (const std::string& file : files) {
    CAPTURE(file);
    const auto scenario = open_scenario(file, {});
    if (!scenario) {
      FAIL(scenario.error().line());
    }
    CHECK(scenario->name == std::filesystem::path(file).stem());
    CHECK_FALSE(scenario->description.empty());
    auto plan = plan_scenario(*scenario);
    REQUIRE(plan);
    const WholePlan whole = whole_plan(**plan);
    std::map<std::pair<std::uint32_t, std::uint64_t>, int> fates;  // of each message in each pass
    for (const Delivery& delivery : whole.deliveries) {
      fates[{delivery.pass, delivery.message}] += delivery.copy == 0 ? 1 : 0;
    }
    for (const Drop& drop : whole.drops) {
      fates[{drop.pass, drop.message}] += drop.copy == 0 ? 1 : 0;
    }
    CHECK(std::all_of(fates.begin(), fates.end(), [](const auto& one) { return one.second == 1; }));
    CHECK(fates.size() == scenario->selection.passes * fates.rbegin()->first.second);
    if (scenario->tape.ends_with("/commute.ndjson")) {
      CHECK(fates.size() == scenario->selection.passes * 1330);
    }
    CHECK(std::is_sorted(whole.deliveries.begin(), whole.deliveries.end(),
                         [](const Delivery& a, const Delivery& b) { return a.due < b.due; }));
  }
}
