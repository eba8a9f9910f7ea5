#include <doctest/doctest.h>

#include "tests/unit/verify/story.hpp"

using namespace autotape;

TEST_CASE("Latency is judged from the delivery to the observation") {
  Expectation expectation = require(&Expectation::latency);
  expectation.latency_bound = std::chrono::seconds(2);
  Story story(expectation);
  story.sends("A", 1, 1).handles("A").sends("B", 2, 2);
  CHECK(outcome(story.verdict(), "latency") == Outcome::passed);
  story.passes(std::chrono::seconds(5)).handles("B");
  CHECK(first_finding(story.verdict(), "latency") == FindingKind::late);
}

TEST_CASE("What was redelivered or held up by a fault says nothing of a consumer's latency") {
  using std::chrono::seconds;
  Expectation expectation = require(&Expectation::latency);
  expectation.latency_bound = seconds(2);
  Story story(expectation);
  story.sends("A", 1, 1);
  SUBCASE("a pause between the delivery and the handling") {
    story.pauses(seconds(10)).handles("A");
  }
  SUBCASE("a redelivery") {
    story.passes(seconds(10)).redelivers("A").handles("A");
  }
  CHECK(outcome(story.verdict(), "latency") == Outcome::unknown);
  CHECK(story.verdict().check("latency")->summary ==
        "each message that was handled was redelivered or held up by a fault");
  story.passes(seconds(1)).sends("C", 3, 3).handles("C");
  CHECK(outcome(story.verdict(), "latency") == Outcome::passed);
}
