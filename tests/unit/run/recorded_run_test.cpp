#include "run/search/recorded_run.hpp"

#include <doctest/doctest.h>

#include "run/search/symptom.hpp"

using namespace autotape;

namespace {

// Ten deliveries, a second apart, and a fault after the fourth.
RecordedRun ten_deliveries() {
  RecordedRun run;
  for (std::uint64_t number = 1; number <= 10; ++number) {
    Delivery delivery;
    delivery.index = number;
    delivery.message = number;
    delivery.due = DueTime(std::chrono::seconds(number));
    delivery.content = std::make_shared<Message>();
    run.deliveries.push_back(std::move(delivery));
  }
  TimedFault restart;
  restart.after_deliveries = 4;
  restart.what = {{"consumer", "restart"}};
  run.faults.push_back(restart);
  run.manifest.rate = "60";
  return run;
}

RunReport report_of_fault(const std::string& fault) {
  RunReport report;
  report.consumer_faults.push_back({1, fault, ""});
  return report;
}

}  // namespace

TEST_CASE("a part of a run is numbered anew, begins at once, and keeps its distances") {
  const RecordedRun run = ten_deliveries();
  const Part part = with_deliveries(whole_of(run), {2, 5, 9});
  const auto deliveries = deliveries_of(run, part);
  REQUIRE(deliveries.size() == 3);
  CHECK(deliveries[0].index == 1);
  CHECK(deliveries[2].index == 3);
  CHECK(deliveries[2].message == 10);
  CHECK(deliveries[0].due == DueTime{});
  CHECK(deliveries[1].due == DueTime(std::chrono::seconds(3)));
  CHECK(deliveries[2].due == DueTime(std::chrono::seconds(7)));
}

TEST_CASE("a fault stays between the deliveries that it struck between") {
  const RecordedRun run = ten_deliveries();
  const auto strikes_after = [&](const std::vector<std::size_t>& deliveries) {
    return *faults_of(run, with_deliveries(whole_of(run), deliveries)).front().after_deliveries;
  };
  CHECK(strikes_after({0, 1, 2, 3, 4}) == 4);
  CHECK(strikes_after({3, 4}) == 1);
  CHECK(strikes_after({7, 8}) == 0);
  CHECK(strikes_after({0, 3}) == 2);
}

TEST_CASE("a consumer's fault is the same whenever it happens, and another one is not") {
  const auto symptom = symptom_of(report_of_fault("exited with 1 while the stream was played"));
  REQUIRE(symptom);
  CHECK(shows(report_of_fault("exited with 1 before the stream had settled"), *symptom));
  CHECK_FALSE(shows(report_of_fault("exited with 3 while the stream was played"), *symptom));
  CHECK_FALSE(shows(RunReport{}, *symptom));
}

TEST_CASE("a check fails the same way only by findings of the same kind") {
  const auto report_of = [](FindingKind kind) {
    CheckResult check;
    check.name = "completeness";
    check.outcome = Outcome::failed;
    check.findings.push_back({kind, "id", {}, {}, 0, {}});
    PartyReport party;
    party.verdict.checks.push_back(check);
    RunReport report;
    report.parties.push_back(party);
    return report;
  };
  const auto symptom = symptom_of(report_of(FindingKind::lost));
  REQUIRE(symptom);
  CHECK(symptom->text() == "completeness: lost");
  CHECK(shows(report_of(FindingKind::lost), *symptom));
  CHECK_FALSE(shows(report_of(FindingKind::corrupted), *symptom));
  CHECK_FALSE(symptom_of(report_of(FindingKind::lost), "dedup"));
}
