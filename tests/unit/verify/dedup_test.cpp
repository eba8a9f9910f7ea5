#include <doctest/doctest.h>

#include "tests/unit/verify/story.hpp"

using namespace autotape;

TEST_CASE("Dedup of a consumer that names no message is not exercised, whatever was delivered") {
  const Verdict verdict = Story().sends("A", 1, 1).sends("A", 1, 1, copied).verdict();
  CHECK(outcome(verdict, "dedup") == Outcome::unexercised);
  CHECK(verdict.check("dedup")->summary == "the consumer named no message that it handled");
}

TEST_CASE("A duplicate that is handled again is duplicated, also after a redelivery") {
  Verdict verdict =
      Story().sends("A", 1, 1).sends("A", 1, 1, copied).handles("A").handles("A").verdict();
  CHECK(first_finding(verdict, "dedup") == FindingKind::duplicated);
  CHECK(verdict.check("dedup")->findings[0].observation == 2);
  verdict = Story().sends("A", 1, 1).redelivers("A").handles("A").handles("A").verdict();
  CHECK(first_finding(verdict, "dedup") == FindingKind::duplicated);
  CHECK(verdict.facts.redelivered == 1);
}

TEST_CASE("Without a duplicate dedup is not exercised: unknown where it was asked for") {
  CHECK(outcome(Story().sends("A", 1, 1).handles("A").verdict(), "dedup") == Outcome::unexercised);
  const Verdict verdict =
      Story(require(&Expectation::dedup)).sends("A", 1, 1).handles("A").verdict();
  CHECK(outcome(verdict, "dedup") == Outcome::unknown);
  CHECK(verdict.outcome() == Outcome::unknown);
}

TEST_CASE("An idempotent consumer is not judged by dedup") {
  Expectation expectation = require(&Expectation::state);
  expectation.processing = Processing::idempotent;
  const Verdict verdict = Story(expectation)
                              .sends("A", 1, 1)
                              .sends("A", 1, 1, copied)
                              .applies("A", 1, 1)
                              .applies("A", 1, 1)
                              .verdict();
  CHECK(outcome(verdict, "dedup") == Outcome::off);
  CHECK(verdict.outcome() == Outcome::passed);
}

TEST_CASE("Several lines with different readings are one handling") {
  constexpr const char* line =
      R"({{"message_id":"A","readings":[{{"vin":"V","capability":"c","property":"{}"}}]}})";
  Story story;
  story.sends("A", 1, 1).sends("A", 1, 1, copied);
  story.says(fmt::format(fmt::runtime(line), "p")).says(fmt::format(fmt::runtime(line), "q"));
  CHECK(outcome(story.verdict(), "dedup") == Outcome::passed);
  CHECK(story.verdict().facts.handled == 1);
  story.says(fmt::format(fmt::runtime(line), "p"));
  CHECK(outcome(story.verdict(), "dedup") == Outcome::failed);
}

TEST_CASE("A line with no reading is a handling of its own: nothing of the duplicate was newer") {
  Story story;
  story.sends("A", 1, 1).sends("A", 1, 1, copied).applies("A", 1, 1);
  CHECK(outcome(story.verdict(), "dedup") == Outcome::passed);
  story.says(R"({"message_id":"A","readings":[]})");
  CHECK(first_finding(story.verdict(), "dedup") == FindingKind::duplicated);
}

TEST_CASE(
    "The same id with new content is handled once, each time, or either, as the scenario says") {
  const auto judged = [](SameIdNewContent rule, int handlings) {
    Expectation expectation;
    expectation.same_id_new_content = rule;
    Story story(expectation);
    story.sends("A", 1, 1).sends("A", 2, 2, {ActionKind::changed_content});
    for (int i = 0; i < handlings; ++i) {
      story.handles("A");
    }
    return story.verdict().outcome();
  };
  CHECK(judged(SameIdNewContent::handled_once, 1) == Outcome::passed);
  CHECK(judged(SameIdNewContent::handled_once, 2) == Outcome::failed);
  CHECK(judged(SameIdNewContent::handled_each_time, 1) == Outcome::failed);
  CHECK(judged(SameIdNewContent::handled_each_time, 2) == Outcome::passed);
  CHECK(judged(SameIdNewContent::any, 1) == Outcome::passed);
  CHECK(judged(SameIdNewContent::any, 2) == Outcome::passed);
  CHECK(judged(SameIdNewContent::any, 3) == Outcome::failed);
}

TEST_CASE("A content that comes again is no other content, and a broken one need not be handled") {
  Expectation expectation;
  expectation.same_id_new_content = SameIdNewContent::handled_each_time;
  Story story(expectation);
  const std::vector changed{ActionKind::changed_content};
  story.sends("A", 1, 1).sends("A", 1, 2, changed).sends("A", 1, 2, changed).handles("A");
  SUBCASE("two contents are handled twice") {
    CHECK(first_finding(story.verdict(), "completeness") == FindingKind::lost);
    CHECK(story.handles("A").verdict().outcome() == Outcome::passed);
    CHECK(first_finding(story.handles("A").verdict(), "dedup") == FindingKind::duplicated);
  }
  SUBCASE("a third that only the schema refuses may be handled, too") {
    story.sends("A", 1, 3, {ActionKind::unknown_enum});
    CHECK(first_finding(story.verdict(), "completeness") == FindingKind::lost);
    CHECK(story.handles("A").verdict().outcome() == Outcome::passed);
    CHECK(story.handles("A").verdict().outcome() == Outcome::passed);
    CHECK(first_finding(story.handles("A").verdict(), "dedup") == FindingKind::duplicated);
  }
}

TEST_CASE("A reading that comes again with a new id is handled, left out, or either") {
  const auto judged = [](SameReadingNewId rule, bool handled) {
    Expectation expectation;
    expectation.same_reading_new_id = rule;
    Story story(expectation);
    story.sends("A", 1, 1).sends("B", 1, 1, {ActionKind::new_id}).handles("A");
    if (handled) {
      story.handles("B");
    }
    return story.verdict().outcome();
  };
  CHECK(judged(SameReadingNewId::any, true) == Outcome::passed);
  CHECK(judged(SameReadingNewId::any, false) == Outcome::passed);
  CHECK(judged(SameReadingNewId::handled, false) == Outcome::failed);
  CHECK(judged(SameReadingNewId::left_out, true) == Outcome::failed);
}

TEST_CASE("A duplicate that only the rate brought within the consumer's memory proves nothing") {
  Expectation expectation;
  expectation.dedup_memory = std::chrono::minutes(10);
  const auto judged = [&](double rate, CheckMode mode) {
    expectation.dedup = mode;
    return outcome(Story(expectation, rate)
                       .sends("A", 1, 1)
                       .passes(std::chrono::minutes(1))
                       .sends("A", 1, 1, copied)
                       .handles("A")
                       .verdict(),
                   "dedup");
  };
  CHECK(judged(1, CheckMode::required) == Outcome::passed);
  CHECK(judged(60, CheckMode::required) == Outcome::unknown);
  CHECK(judged(60, CheckMode::by_default) == Outcome::unexercised);
}

TEST_CASE("How far duplicates lay apart is told in messages and in time") {
  const Verdict verdict = Story()
                              .sends("A", 1, 1)
                              .sends("B", 1, 1)
                              .sends("B", 1, 1, copied)
                              .sends("A", 1, 1, copied)
                              .verdict();
  CHECK(verdict.facts.distance.messages.least == 1);
  CHECK(verdict.facts.distance.messages.most == 3);
  CHECK(verdict.facts.distance.wall.least == std::chrono::seconds(1));
  CHECK(verdict.facts.distance.wall.most == std::chrono::seconds(3));
}
