#include "run/missed_faults.hpp"

#include <doctest/doctest.h>

#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

namespace {

// A restart that did not strike, with a check required.
Manifest missed_restart() {
  Manifest manifest;
  TimedFault restart;
  restart.after_deliveries = 99'999;
  restart.what = {{"consumer", "restart"}};
  manifest.faults.push_back(restart);
  manifest.fates.push_back({false, "the stream ended before"});
  manifest.expectation.dedup = CheckMode::required;
  return manifest;
}

Verdict verdict_of(Outcome dedup) {
  Verdict verdict;
  verdict.checks = {{"completeness", Outcome::passed, "each was handled", 0, {}},
                    {"dedup", dedup, "none was handled twice", 0, {}}};
  return verdict;
}

}  // namespace

TEST_CASE("a check that was required is unknown where a fault did not strike") {
  Verdict verdict = verdict_of(Outcome::passed);
  allow_for_missed_faults(missed_restart(), verdict);
  CHECK(verdict.check("dedup")->outcome == Outcome::unknown);
  CHECK(verdict.check("completeness")->outcome == Outcome::passed);

  Verdict failed = verdict_of(Outcome::failed);
  allow_for_missed_faults(missed_restart(), failed);
  CHECK(failed.check("dedup")->outcome == Outcome::failed);

  Manifest struck = missed_restart();
  struck.fates.front() = {};
  Verdict passed = verdict_of(Outcome::passed);
  allow_for_missed_faults(struck, passed);
  CHECK(passed.check("dedup")->outcome == Outcome::passed);
}

TEST_CASE("a resume that did not strike makes nothing unknown") {
  Manifest missed = missed_restart();
  missed.faults.front().what = {{"fault", "resume"}};
  Verdict verdict = verdict_of(Outcome::passed);
  allow_for_missed_faults(missed, verdict);
  CHECK(verdict.check("dedup")->outcome == Outcome::passed);
}

TEST_CASE("a manifest keeps which faults struck, and why others did not") {
  const TestFolder folder;
  Manifest manifest = missed_restart();
  manifest.faults.push_back(manifest.faults.front());
  manifest.fates.push_back({true, "", "the stream had ended"});
  REQUIRE(write_manifest(folder.file("manifest.json"), manifest));
  const auto read = read_manifest(folder.file("manifest.json"));
  REQUIRE(read);
  CHECK(read->faults[0].what == manifest.faults[0].what);
  REQUIRE(read->fates.size() == 2);
  CHECK(read->fates[1].struck);
  CHECK(missed_faults(*read) ==
        std::vector<std::string>{
            "fault 1 did not strike, since the stream ended before: "
            R"({"after_deliveries":99999,"consumer":"restart"})",
            "fault 2 was still on when the stream had ended, and was lifted then: "
            R"({"after_deliveries":99999,"consumer":"restart"})"});
}
