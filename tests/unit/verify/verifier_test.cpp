#include "verify/verifier.hpp"

#include <memory>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace autotape;

namespace {

// A stream to a consumer and what the consumer says, told line by line.
class Story {
 public:
  explicit Story(Expectation expectation = {}, double rate = 1)
      : expectation_(expectation), rate_(rate) {}

  // An odometer reading, `second` seconds after 10:00, that is delivered `times` times.
  Story& sends(const std::string& id, int second, int value, std::vector<ActionKind> actions = {}) {
    const std::string payload = fmt::format(
        R"({{"message_id":"{}","version":1,"vin":"V1","capability":"diagnostics","property":"odometer",)"
        R"("data":{{"diagnostics":{{"odometer":{{"data":{{"unit":"kilometers","value":{}}},)"
        R"("timestamp":"2021-11-01T10:00:{:02}Z"}}}}}}}})",
        id, value, second);
    return sends_payload(id, payload, std::move(actions));
  }

  Story& sends_payload(const std::string& id, const std::string& payload,
                       std::vector<ActionKind> actions = {}) {
    Delivery delivery;
    delivery.index = plan_.size() + 1;
    Message message;
    message.topic = "t";
    message.payload = payload;
    delivery.content = std::make_shared<const Message>(std::move(message));
    for (const ActionKind kind : actions) {
      delivery.actions.push_back({0, kind});
    }
    plan_.push_back(delivery);
    delivered_.push_back({id, now_, false});
    now_ += std::chrono::seconds(1);
    return *this;
  }

  // Published, and never delivered: the consumer had thrown its session away.
  Story& misses(const std::string& id, int second, int value) {
    sends(id, second, value);
    delivered_.pop_back();
    missed_.push_back(id);
    return *this;
  }

  Story& redelivers(const std::string& id) {
    delivered_.push_back({id, now_, true});
    return *this;
  }

  Story& acknowledges(const std::string& id) {
    acknowledged_.push_back(id);
    return *this;
  }

  // Its consumer was ended then.
  Story& is_cut_short() {
    cut_short_ = true;
    return *this;
  }

  Story& passes(Duration time) {
    now_ += time;
    return *this;
  }

  // No byte passed the proxy for so long.
  Story& pauses(Duration time) {
    pauses_.emplace_back(now_, now_ + time);
    return passes(time);
  }

  Story& says(const std::string& line) {
    said_.push_back({line, now_, consumer_});
    return *this;
  }

  // Of several consumers, the one that says what follows.
  Story& consumer(std::uint32_t number) {
    consumer_ = number;
    return *this;
  }

  Story& handles(const std::string& id) {
    return says(fmt::format(R"({{"message_id":"{}"}})", id));
  }

  Story& applies(const std::string& id, int second, int value, bool applied = true) {
    return says(fmt::format(
        R"({{"message_id":"{}","readings":[{{"vin":"V1","capability":"diagnostics","property":"odometer",)"
        R"("timestamp":"2021-11-01T10:00:{:02}Z","value":{{"unit":"kilometers","value":{}}},"applied":{}}}]}})",
        id, second, value, applied));
  }

  Verdict verdict() const {
    const auto verifier = fed_verifier();
    return verifier->verdict();
  }

  // Where `clean` is the same consumer's story of the clean stream.
  Verdict verdict_beside(const Story& clean) const {
    const auto verifier = fed_verifier();
    verifier->compare_with(*clean.fed_verifier());
    return verifier->verdict();
  }

 private:
  std::unique_ptr<Verifier> fed_verifier() const {
    VerifierSettings settings;
    settings.expectation = expectation_;
    settings.rate = rate_;
    settings.cut_short = cut_short_;
    auto fed = std::make_unique<Verifier>(settings);
    Verifier& verifier = *fed;
    for (const auto& [id, at, redelivered] : delivered_) {
      verifier.delivered(id.empty() ? std::nullopt : std::optional<std::string_view>(id), at,
                         redelivered);
    }
    for (const std::string& id : acknowledged_) {
      verifier.acknowledged(id);
    }
    for (const auto& [from, to] : pauses_) {
      verifier.held_up(from, to);
    }
    for (const Delivery& delivery : plan_) {
      verifier.planned(delivery);
    }
    for (const std::string& id : missed_) {
      verifier.session_lost(id);
    }
    ObservationReader reader;
    std::uint64_t line = 0;
    for (const auto& [text, at, consumer] : said_) {
      const auto observation = reader.read(text);
      ++line;
      observation ? verifier.observed(**observation, {at, line, consumer})
                  : verifier.unreadable(observation.error().line(), line);
    }
    return fed;
  }

  struct Delivered {
    std::string id;
    ReceivedTime at;
    bool redelivered;
  };
  struct Said {
    std::string line;
    ReceivedTime at;
    std::uint32_t consumer;
  };
  Expectation expectation_;
  double rate_;
  ReceivedTime now_{};
  std::vector<Delivery> plan_;
  std::vector<Delivered> delivered_;
  std::vector<std::string> acknowledged_;
  std::vector<std::string> missed_;
  bool cut_short_ = false;
  std::vector<Said> said_;
  std::vector<std::pair<ReceivedTime, ReceivedTime>> pauses_;
  std::uint32_t consumer_ = 1;
};

Outcome outcome(const Verdict& verdict, std::string_view check) {
  return verdict.check(check)->outcome;
}

FindingKind first_finding(const Verdict& verdict, std::string_view check) {
  REQUIRE_FALSE(verdict.check(check)->findings.empty());
  return verdict.check(check)->findings.front().kind;
}

Expectation require(CheckMode Expectation::*check) {
  Expectation expectation;
  expectation.*check = CheckMode::required;
  return expectation;
}

const auto copied = std::vector{ActionKind::copied};

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

TEST_CASE("Dedup of a consumer that names no message is not exercised, whatever was delivered") {
  const Verdict verdict = Story().sends("A", 1, 1).sends("A", 1, 1, copied).verdict();
  CHECK(outcome(verdict, "dedup") == Outcome::unexercised);
  CHECK(verdict.check("dedup")->summary == "the consumer named no message that it handled");
}

TEST_CASE("A message that was handled and never delivered is unexpected") {
  const Verdict verdict = Story().sends("A", 1, 1).handles("A").handles("Z").verdict();
  CHECK(first_finding(verdict, "completeness") == FindingKind::unexpected);
  CHECK(verdict.check("completeness")->findings[0].message_id == "Z");
  CHECK(verdict.check("completeness")->findings[0].observation == 2);
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

TEST_CASE("Lines that are no observations are counted, and the first is named") {
  const Verdict verdict = Story().sends("A", 1, 1).says("hello").handles("A").says("[]").verdict();
  CHECK(verdict.facts.unreadable_lines == 2);
  CHECK(verdict.facts.first_unreadable == "line 1 is not JSON");
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
