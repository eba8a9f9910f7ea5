#include "scenario/plan_replay.hpp"

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "core/rfc3339.hpp"
#include "scenario/scenario_file.hpp"
#include "shape/plan_file.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

Scenario told() {
  Scenario scenario;
  scenario.rate = *parse_replay_rate("500/s");
  scenario.remap.app_id = "FFFFFFFFFFFFFFFFFFFFFFFF";
  scenario.remap.environment = "live";
  scenario.remap.vins = {{"OLD", "NEW"}};
  scenario.restamp = true;
  scenario.remap.first_data_time = parse_rfc3339_as<DataClock>("2030-01-01T00:00:00Z");
  scenario.max_lag = 1500ms;
  return scenario;
}

void write_plan(const std::string& path, std::string replay) {
  const PlanHeader header{.tape = "t.ndjson", .stages = {"selection"}, .replay = std::move(replay)};
  REQUIRE(write_file(path, plan_header_line(header) + "\n"));
}

}  // namespace

TEST_CASE("A saved plan says how it is to be played") {
  const TestFolder folder;
  const std::string path = folder.file("p.plan");
  const Scenario expected = told();
  write_plan(path, plan_replay(expected));
  const auto opened = open_scenario(path, {});
  REQUIRE(opened);
  CHECK(opened->rate == expected.rate);
  CHECK(opened->remap.app_id == expected.remap.app_id);
  CHECK(opened->remap.environment == expected.remap.environment);
  CHECK(opened->remap.vins == expected.remap.vins);
  CHECK(opened->remap.first_data_time == expected.remap.first_data_time);
  CHECK(opened->restamp);
  CHECK(opened->max_lag == expected.max_lag);
}

TEST_CASE("A scenario that plays a saved plan has the last word") {
  const TestFolder folder;
  write_plan(folder.file("p.plan"), plan_replay(told()));
  const auto read = read_scenario(
      "version: 1\nname: x\ntape: p.plan\nreplay: {rate: 7, remap: {vins: {OLD: OTHER}}}\n",
      folder.file("s.yaml"));
  REQUIRE(read);
  CHECK(read->rate == *parse_replay_rate("7"));
  CHECK(read->remap.vins.at("OLD") == "OTHER");
  CHECK(read->max_lag == told().max_lag);
}

TEST_CASE("What is played as it is says nothing, and what cannot be read is refused") {
  CHECK(plan_replay({}).empty());
  const TestFolder folder;
  const std::string path = folder.file("p.plan");
  for (const char* const wrong :
       {R"({"rate":"fast"})", R"({"max_lag":"long"})", R"({"restamp_at":"soon"})",
        R"({"remap":{"app_id":"a/b"}})", R"({"remap":{"vins":{"A":""}}})"}) {
    CAPTURE(wrong);
    write_plan(path, wrong);
    const auto opened = open_scenario(path, {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().line().find("p.plan:1: /replay/") != std::string::npos);
  }
}
