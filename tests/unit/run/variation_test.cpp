#include "run/search/variation.hpp"

#include <set>

#include <doctest/doctest.h>

#include "scenario/scenario_file.hpp"
#include "scenario/scenario_writer.hpp"
#include "tests/unit/support/source_folder.hpp"

using namespace autotape;

namespace {

Scenario clean_commute() {
  return open_scenario(source_folder() + "/scenarios/clean-commute.yaml", {}).value();
}

std::string text_of(const Variation& variation) {
  std::string text = std::to_string(variation.scenario.seed);
  for (const DrawnTrouble& trouble : variation.troubles) {
    text += "; " + trouble.name + " " + trouble.strength;
  }
  return text;
}

}  // namespace

TEST_CASE("a run of a search is the same each time, and differs from the others") {
  const auto variations = Variations::of(clean_commute(), {}, 7);
  REQUIRE(variations.ok());
  std::set<std::string> texts;
  for (std::uint64_t run = 1; run <= 50; ++run) {
    texts.insert(text_of(variations->at(run)));
    CHECK(text_of(variations->at(run)) == text_of(variations->at(run)));
  }
  CHECK(texts.size() == 50);
}

TEST_CASE("every trouble of the arsenal comes up, and every run has one") {
  const auto variations = Variations::of(clean_commute(), {}, 1);
  REQUIRE(variations.ok());
  std::set<std::string> names;
  for (std::uint64_t run = 1; run <= 300; ++run) {
    const Variation variation = variations->at(run);
    CHECK_FALSE(variation.troubles.empty());
    for (const DrawnTrouble& trouble : variation.troubles) {
      names.insert(trouble.name);
    }
  }
  CHECK(names.size() == arsenal().size());
}

TEST_CASE("a trouble that is not in the arsenal is refused, with the nearest one") {
  const auto variations = Variations::of(clean_commute(), {"duplicat"}, 1);
  REQUIRE_FALSE(variations.ok());
  CHECK(variations.error().advice == "did you mean 'duplicate'?");
}

TEST_CASE("a saved scenario reads back as it was") {
  Scenario scenario;
  scenario.name = "small";
  scenario.description = "It says: \"so\", and 'thus'.";
  scenario.tape = "small.plan";
  scenario.seed = 42;
  scenario.rate = {ReplayRate::Kind::maximum, 0};
  scenario.expect.dedup = CheckMode::required;
  TimedFault fault;
  fault.after_deliveries = 1;
  fault.what = {{"consumer", "restart"}};
  scenario.faults.push_back(fault);
  fault.after_deliveries = 0;
  fault.what = {{"fault", "latency"}, {"client", "consumer"}, {"latency", "200ms"}};
  scenario.faults.push_back(fault);
  const auto read = read_scenario(scenario_text(scenario), "small.yaml");
  REQUIRE(read.ok());
  CHECK(read->name == scenario.name);
  CHECK(read->description == scenario.description);
  CHECK(read->tape == scenario.tape);
  CHECK(read->rate == scenario.rate);
  CHECK(read->expect.dedup == CheckMode::required);
  REQUIRE(read->faults.size() == 2);
  CHECK(read->faults[0].after_deliveries == 1);
  CHECK(read->faults[0].what == scenario.faults[0].what);
  CHECK(read->faults[1].after_deliveries == 0);
  CHECK(read->faults[1].what == scenario.faults[1].what);
}
