#include <doctest/doctest.h>

#include "tests/unit/verify/story.hpp"

using namespace autotape;

TEST_CASE("A consumer that handles each delivered message once passes") {
  const Verdict verdict = Story()
                              .sends("A", 1, 1)
                              .sends("B", 2, 2)
                              .sends("A", 1, 1, copied)
                              .handles("A")
                              .handles("B")
                              .verdict();
  CHECK(outcome(verdict, "completeness") == Outcome::passed);
  CHECK(outcome(verdict, "dedup") == Outcome::passed);
  CHECK(verdict.outcome() == Outcome::passed);
  CHECK(verdict.facts.messages == 2);
  CHECK(verdict.facts.delivered == 3);
  CHECK(verdict.facts.duplicates == 1);
}

TEST_CASE("A message that was delivered and never handled is lost") {
  const Verdict verdict = Story().sends("A", 1, 1).sends("B", 2, 2).handles("A").verdict();
  CHECK(outcome(verdict, "completeness") == Outcome::failed);
  CHECK(first_finding(verdict, "completeness") == FindingKind::lost);
  CHECK(verdict.check("completeness")->findings[0].message == fingerprint_of("B"));
}

TEST_CASE("A message that a consumer never got because it threw its session away is lost") {
  const Verdict verdict = Story().sends("A", 1, 1).misses("B", 2, 2).handles("A").verdict();
  CHECK(first_finding(verdict, "completeness") == FindingKind::lost);
  CHECK(verdict.check("completeness")->findings[0].message == fingerprint_of("B"));
  CHECK(verdict.check("completeness")->violations == 1);

  const Verdict brought_by_a_duplicate =
      Story().misses("A", 1, 1).sends("A", 1, 1, copied).handles("A").verdict();
  CHECK(outcome(brought_by_a_duplicate, "completeness") == Outcome::passed);
}

TEST_CASE("A consumer that was ended in its work owes only what it acknowledged") {
  const auto story = [] {
    return Story(require(&Expectation::state))
        .sends("A", 1, 1)
        .sends("B", 2, 2)
        .sends("C", 3, 3)
        .acknowledges("A")
        .acknowledges("B")
        .applies("A", 1, 1);
  };
  CHECK(story().verdict().check("completeness")->violations == 2);
  CHECK(story().is_cut_short().verdict().check("completeness")->violations == 1);
  CHECK(first_finding(story().is_cut_short().verdict(), "state") == FindingKind::stale);

  const Verdict passed = story().applies("B", 2, 2).is_cut_short().verdict();
  CHECK(outcome(passed, "completeness") == Outcome::passed);
  CHECK(passed.check("completeness")->summary == "2 messages delivered, each was handled");
  CHECK(outcome(passed, "state") == Outcome::passed);
  CHECK(outcome(story().applies("B", 2, 2).applies("C", 3, 3).is_cut_short().verdict(), "state") ==
        Outcome::passed);
}

TEST_CASE("Nothing is known of a consumer to whom nothing was delivered") {
  CHECK(Story().verdict().outcome() == Outcome::unknown);
}

TEST_CASE("A message that was handled and never delivered is unexpected") {
  const Verdict verdict = Story().sends("A", 1, 1).handles("A").handles("Z").verdict();
  CHECK(first_finding(verdict, "completeness") == FindingKind::unexpected);
  CHECK(verdict.check("completeness")->findings[0].message_id == "Z");
  CHECK(verdict.check("completeness")->findings[0].observation == 2);
}

TEST_CASE("Lines that are no observations are counted, and the first is named") {
  const Verdict verdict = Story().sends("A", 1, 1).says("hello").handles("A").says("[]").verdict();
  CHECK(verdict.facts.unreadable_lines == 2);
  CHECK(verdict.facts.first_unreadable == "line 1 is not JSON");
}
