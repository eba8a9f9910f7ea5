#include <doctest/doctest.h>

#include "tests/unit/verify/story.hpp"

using namespace autotape;

TEST_CASE("An older reading that is applied after a newer one is reordered") {
  Story story(require(&Expectation::order));
  story.sends("A", 5, 5).sends("B", 1, 1).applies("A", 5, 5);
  SUBCASE("applied") {
    const Verdict verdict = story.applies("B", 1, 1).verdict();
    CHECK(first_finding(verdict, "order") == FindingKind::reordered);
    CHECK(verdict.check("order")->findings[0].message_id == "B");
  }
  SUBCASE("handled and left out") {
    CHECK(story.applies("B", 1, 1, false).verdict().outcome() == Outcome::passed);
  }
}

TEST_CASE("How the lines of two replicas lie to each other says nothing of order and state") {
  Expectation expectation = require(&Expectation::order);
  expectation.state = CheckMode::required;
  expectation.parties = Parties::together;
  Story story(expectation);
  story.sends("A", 5, 5).sends("B", 1, 1).sends("C", 3, 3).consumer(2).applies("A", 5, 5);
  SUBCASE("each applied in order") {
    const Verdict verdict = story.consumer(1).applies("B", 1, 1).applies("C", 3, 3).verdict();
    CHECK(outcome(verdict, "order") == Outcome::passed);
    CHECK(outcome(verdict, "state") == Outcome::passed);
  }
  SUBCASE("one applied an older reading after a newer one") {
    const Verdict verdict = story.applies("B", 1, 1).consumer(1).applies("C", 3, 3).verdict();
    CHECK(first_finding(verdict, "order") == FindingKind::reordered);
    CHECK(first_finding(verdict, "state") == FindingKind::stale);
  }
}

TEST_CASE("Order is unknown when nothing came late, or when no reading was named") {
  Story story(require(&Expectation::order));
  CHECK(outcome(story.sends("A", 1, 1).applies("A", 1, 1).verdict(), "order") == Outcome::unknown);
  Story silent(require(&Expectation::order));
  silent.sends("A", 5, 5).sends("B", 1, 1).handles("A").handles("B");
  CHECK(outcome(silent.verdict(), "order") == Outcome::unknown);
}

TEST_CASE("With latest-wins any order is right that ends with the newest") {
  Expectation expectation = require(&Expectation::order);
  expectation.order_rule = OrderRule::latest_wins;
  Story story(expectation);
  story.sends("A", 1, 1).sends("B", 5, 5).sends("C", 3, 3);
  story.applies("B", 5, 5).applies("A", 1, 1).applies("C", 3, 3);
  CHECK(first_finding(story.verdict(), "order") == FindingKind::stale);
  story.says(R"({"state":{"vin":"V1","capability":"diagnostics","property":"odometer",
                 "timestamp":"2021-11-01T10:00:05Z"}})");
  CHECK(outcome(story.verdict(), "order") == Outcome::passed);
}

TEST_CASE("The state must end with the newest reading") {
  Story story(require(&Expectation::state));
  story.sends("A", 5, 50).sends("B", 1, 10);
  const auto state = [](const char* timestamp, const char* value) {
    return fmt::format(
        R"({{"state":{{"vin":"V1","capability":"diagnostics","property":"odometer","timestamp":{},"value":{}}}}})",
        timestamp, value);
  };
  story.handles("A").handles("B");
  SUBCASE("nothing said: unknown") {
    CHECK(outcome(story.verdict(), "state") == Outcome::unknown);
  }
  SUBCASE("the whole value") {
    story.says(state(R"("2021-11-01T10:00:05Z")", R"({"value":50,"unit":"kilometers"})"));
    CHECK(outcome(story.verdict(), "state") == Outcome::passed);
  }
  SUBCASE("the number alone, no time") {
    story.says(state("null", "50.0"));
    CHECK(outcome(story.verdict(), "state") == Outcome::passed);
  }
  SUBCASE("an older one") {
    story.says(state(R"("2021-11-01T10:00:01Z")", "10"));
    CHECK(first_finding(story.verdict(), "state") == FindingKind::stale);
  }
  SUBCASE("a value that nobody sent") {
    story.says(state(R"("2021-11-01T10:00:05Z")", "51"));
    CHECK(first_finding(story.verdict(), "state") == FindingKind::corrupted);
  }
  SUBCASE("a key that nobody sent, and none for what was sent") {
    story.says(
        R"({"state":{"vin":"V9","capability":"diagnostics","property":"odometer","value":1}})");
    const Verdict verdict = story.verdict();
    CHECK(verdict.check("state")->violations == 2);
  }
  SUBCASE("the last state line of a key counts, and goes before what was applied") {
    story.says(state("null", "10")).says(state("null", "50")).applies("B", 1, 10);
    CHECK(outcome(story.verdict(), "state") == Outcome::passed);
  }
}

TEST_CASE("A consumer may use some properties only, unless its whole state is asked for") {
  const auto judged = [](CheckMode mode) {
    Expectation expectation;
    expectation.state = mode;
    return Story(expectation)
        .sends("A", 1, 10)
        .sends_payload("B", R"({"message_id":"B","vin":"V1","data":{"doors":{"locks":{
                                "data":1,"timestamp":"2021-11-01T10:00:02Z"}}}})")
        .sends_payload("C", R"({"message_id":"C","vin":"V2","data":{"diagnostics":{"odometer":{
                                "data":5,"timestamp":"2021-11-01T10:00:03Z"}}}})")
        .applies("A", 1, 10)
        .handles("B");
  };
  Story partial = judged(CheckMode::by_default);
  partial.says(R"({"message_id":"C","readings":[{"vin":"V2","capability":"diagnostics",
                   "property":"odometer","value":5}]})");
  CHECK(outcome(partial.verdict(), "state") == Outcome::passed);
  CHECK(partial.verdict().check("state")->summary ==
        "2 keys of properties that it named, each ends with the newest reading");

  const Verdict of_one_car_only = judged(CheckMode::by_default).handles("C").verdict();
  CHECK(first_finding(of_one_car_only, "state") == FindingKind::lost);
  CHECK(of_one_car_only.check("state")->violations == 1);

  const Verdict required = judged(CheckMode::required).handles("C").verdict();
  CHECK(required.check("state")->violations == 2);
}

TEST_CASE("A reading without data has no value, whether the consumer says null or nothing") {
  const auto judged = [](const char* value) {
    return Story(require(&Expectation::state))
        .sends_payload("A", R"({"message_id":"A","vin":"V1","data":{"diagnostics":{"odometer":{
                                "failure":{"reason":"pending","description":""},
                                "timestamp":"2021-11-01T10:00:01Z"}}}})")
        .says(
            fmt::format(R"({{"message_id":"A","readings":[{{"vin":"V1","capability":"diagnostics",)"
                        R"("property":"odometer","timestamp":"2021-11-01T10:00:01Z"{}}}]}})",
                        value))
        .verdict();
  };
  CHECK(outcome(judged(""), "state") == Outcome::passed);
  CHECK(outcome(judged(R"(,"value":null)"), "state") == Outcome::passed);
  const Verdict invented = judged(R"(,"value":7)");
  CHECK(first_finding(invented, "state") == FindingKind::corrupted);
  CHECK(
      invented.check("state")->findings[0].text ==
      "ends with 7 of 2021-11-01T10:00:01Z, newest delivered is no value of 2021-11-01T10:00:01Z");
}

TEST_CASE("A consumer must end after the shaped stream as after the clean one") {
  Expectation expectation;
  expectation.metamorphic = CheckMode::by_default;
  const auto clean = [&] {
    return Story(expectation)
        .sends("A", 1, 10)
        .sends("B", 2, 20)
        .applies("A", 1, 10)
        .applies("B", 2, 20);
  };
  const auto late = [&] { return Story(expectation).sends("B", 2, 20).sends("A", 1, 10); };
  CHECK(outcome(late().applies("B", 2, 20).applies("A", 1, 10, false).verdict_beside(clean()),
                "metamorphic") == Outcome::passed);
  CHECK(first_finding(late().applies("B", 2, 20).applies("A", 1, 10).verdict_beside(clean()),
                      "metamorphic") == FindingKind::stale);
}

TEST_CASE("Where the clean stream ends with another reading than the shaped one, nothing is said") {
  Expectation expectation;
  expectation.metamorphic = CheckMode::by_default;
  const Story clean = Story(expectation).sends("A", 1, 10).applies("A", 1, 10);
  SUBCASE("since the newest message came broken, and the consumer applied it") {
    Story shaped =
        Story(expectation).sends("A", 1, 10).sends("B", 2, 20, {ActionKind::unknown_enum});
    CHECK(outcome(shaped.applies("A", 1, 10).applies("B", 2, 20).verdict_beside(clean),
                  "metamorphic") == Outcome::unexercised);
  }
  SUBCASE("since the newest message was lost, and a copy of it with another id was not") {
    Story shaped = Story(expectation).sends("A", 1, 10).sends("B", 2, 20, {ActionKind::new_id});
    CHECK(outcome(shaped.applies("A", 1, 10).applies("B", 2, 20).verdict_beside(clean),
                  "metamorphic") == Outcome::unexercised);
  }
}

TEST_CASE("Of readings with equal timestamps the stated one is the newest") {
  const auto judged = [](TieRule rule, int value) {
    Expectation expectation = require(&Expectation::state);
    expectation.ties = rule;
    Story story(expectation);
    story.sends("A", 5, 1).sends("B", 5, 2, {ActionKind::tied}).handles("A").handles("B");
    return outcome(story
                       .says(fmt::format(R"({{"state":{{"vin":"V1","capability":"diagnostics",)"
                                         R"("property":"odometer","value":{}}}}})",
                                         value))
                       .verdict(),
                   "state");
  };
  CHECK(judged(TieRule::any, 1) == Outcome::passed);
  CHECK(judged(TieRule::any, 2) == Outcome::passed);
  CHECK(judged(TieRule::any, 3) == Outcome::failed);
  CHECK(judged(TieRule::first, 1) == Outcome::passed);
  CHECK(judged(TieRule::first, 2) == Outcome::failed);
  CHECK(judged(TieRule::last, 1) == Outcome::failed);
  CHECK(judged(TieRule::last, 2) == Outcome::passed);
}

TEST_CASE("A reading that is later than the stated lateness may be dropped") {
  Expectation expectation;
  expectation.max_lateness = std::chrono::seconds(10);
  Story story(expectation);
  story.sends("A", 30, 1).sends("B", 5, 2).sends("C", 25, 3).handles("A").handles("C");
  CHECK(story.verdict().outcome() == Outcome::passed);
}
