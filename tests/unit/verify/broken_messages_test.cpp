#include <doctest/doctest.h>

#include "tests/unit/verify/story.hpp"

using namespace autotape;

namespace {

// As the stage `corrupt` writes it.
constexpr const char* bad_timestamp = "2026-13-45T25:61:99Z";

struct Property {
  std::string name;
  std::string timestamp;
};

// Properties of the diagnostics of V1, each with the value 7.
std::string v2_payload(const std::string& id, const std::vector<Property>& properties) {
  std::string members;
  for (const auto& [name, timestamp] : properties) {
    members += fmt::format(R"({}"{}":{{"data":7,"timestamp":"{}"}})", members.empty() ? "" : ",",
                           name, timestamp);
  }
  return fmt::format(
      R"({{"message_id":"{}","version":2,"vin":"V1","data":{{"diagnostics":{{{}}}}}}})", id,
      members);
}

// What a consumer says that applies them as they came.
std::string applied(const std::string& id, const std::vector<Property>& properties) {
  std::string readings;
  for (const auto& [name, timestamp] : properties) {
    readings += fmt::format(
        R"({}{{"vin":"V1","capability":"diagnostics","property":"{}","timestamp":"{}","value":7}})",
        readings.empty() ? "" : ",", name, timestamp);
  }
  return fmt::format(R"({{"message_id":"{}","readings":[{}]}})", id, readings);
}

}  // namespace

TEST_CASE("An invalid message may be refused or ignored, but not applied") {
  const std::string bad = R"({"message_id":"A","version":1,"data":{}})";
  Story story;
  story.sends_payload("A", bad, {ActionKind::missing_member}).sends("B", 2, 2).handles("B");
  CHECK(story.verdict().outcome() == Outcome::passed);
  CHECK(story.verdict().facts.invalid == 1);
  story.says(R"({"rejected":{"message_id":"A","reason":"no vin"}})");
  CHECK(story.verdict().outcome() == Outcome::passed);
  story.applies("A", 1, 1);
  CHECK(first_finding(story.verdict(), "completeness") == FindingKind::corrupted);
}

TEST_CASE("Of a message with a timestamp that is none, that reading must not be applied") {
  Expectation expectation;
  expectation.state = CheckMode::by_default;
  Story story(expectation);
  const Property speed{"speed", bad_timestamp};
  const Property fuel{"fuel_level", "2021-11-01T10:00:01Z"};
  story.sends_payload("A", v2_payload("A", {speed, fuel}), {ActionKind::bad_timestamp});
  story.sends("B", 2, 2).applies("B", 2, 2);
  SUBCASE("the whole message may be refused") {
    story.says(R"({"rejected":{"message_id":"A","reason":"bad timestamp"}})");
    CHECK(story.verdict().outcome() == Outcome::passed);
  }
  SUBCASE("the others may be applied") {
    story.says(applied("A", {fuel}));
    CHECK(story.verdict().outcome() == Outcome::passed);
    CHECK(story.verdict().facts.unreadable_lines == 0);
  }
  SUBCASE("as it came it is found out, though its timestamp cannot be read there either") {
    const Verdict verdict = story.says(applied("A", {speed, fuel})).verdict();
    CHECK(first_finding(verdict, "completeness") == FindingKind::corrupted);
    CHECK(verdict.check("completeness")->violations == 1);
    CHECK(verdict.check("completeness")->findings[0].reading == "V1 diagnostics.speed");
    CHECK(verdict.facts.unreadable_lines == 1);
    CHECK(verdict.facts.first_unreadable ==
          "line 2 /readings/0/timestamp: is not an RFC 3339 date-time");
  }
  SUBCASE("with another timestamp it is found out as well") {
    const Verdict verdict =
        story.says(applied("A", {{"speed", "2026-11-26T00:00:00Z"}, fuel})).verdict();
    CHECK(first_finding(verdict, "completeness") == FindingKind::corrupted);
  }
}

TEST_CASE("A timestamp that is none on the tape may be refused and may be applied") {
  Expectation expectation;
  expectation.state = CheckMode::by_default;
  Story story(expectation);
  story.sends("B", 2, 2).applies("B", 2, 2);
  SUBCASE("of a whole message") {
    const Property speed{"speed", "yesterday"};
    story.sends_payload("A", v2_payload("A", {speed}));
    CHECK(story.verdict().outcome() == Outcome::passed);
    CHECK(story.verdict().facts.invalid == 1);
    CHECK(story.says(applied("A", {speed})).verdict().outcome() == Outcome::passed);
  }
  SUBCASE("a property that is no object is no better") {
    story.sends_payload("A", R"({"message_id":"A","vin":"V1","data":{"doors":{"locks":5}}})");
    story.says(R"({"rejected":{"message_id":"A","reason":"doors.locks is not a property"}})");
    CHECK(story.verdict().outcome() == Outcome::passed);
  }
}

TEST_CASE("A message that came broken first is applied when it comes whole") {
  Expectation expectation;
  expectation.state = CheckMode::by_default;
  const auto after = [&](ActionKind broken) {
    Story story(expectation);
    story.sends("B", 0, 0);
    broken == ActionKind::bad_timestamp
        ? story.sends_payload("A", v2_payload("A", {{"odometer", bad_timestamp}}), {broken})
        : story.sends("A", 1, 1, {broken});
    story.sends("A", 1, 2, {ActionKind::changed_content}).applies("B", 0, 0);
    return story;
  };
  SUBCASE("where nobody must apply the broken one") {
    CHECK(after(ActionKind::bad_timestamp).applies("A", 1, 2).verdict().outcome() ==
          Outcome::passed);
    CHECK(first_finding(after(ActionKind::bad_timestamp).handles("A").verdict(), "state") ==
          FindingKind::stale);
  }
  SUBCASE("unless the broken one was taken, where only the schema tells") {
    CHECK(after(ActionKind::unknown_enum).applies("A", 1, 1).verdict().outcome() ==
          Outcome::passed);
    CHECK(after(ActionKind::unknown_enum).applies("A", 1, 2).verdict().outcome() ==
          Outcome::passed);
  }
}

TEST_CASE("A valid message that is refused is lost") {
  const Verdict verdict =
      Story().sends("A", 1, 1).says(R"({"rejected":{"message_id":"A","reason":"?"}})").verdict();
  CHECK(first_finding(verdict, "completeness") == FindingKind::lost);
}
