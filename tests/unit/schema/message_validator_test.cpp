#include "schema/message_validator.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/random.hpp"
#include "core/rfc3339.hpp"
#include "schema/example.hpp"
#include "schema/fast_compiler.hpp"
#include "schema/json_schema.hpp"
#include "schema/message_check.hpp"

using namespace autotape;

namespace {

constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};  // 2029

const MessageSchemas& schemas() {
  static const MessageSchemas made = MessageSchemas::built_in();
  return made;
}

// An example of each property in each stream.
struct Example {
  StreamVersion version;
  std::string topic;
  std::string payload;
};

std::vector<Example> examples() {
  std::vector<Example> all;
  for (const StreamVersion version : {StreamVersion::v1, StreamVersion::v2}) {
    for (const Capability& capability : Catalogue::level13().capabilities()) {
      for (const Property& property : capability.properties) {
        const auto [topic, payload] = example_message(capability, property, version);
        all.push_back({version, topic, write_document(payload)});
      }
    }
  }
  return all;
}

std::vector<Violation> explained(const Example& example) {
  std::vector<Violation> violations;
  check_message(example.topic, example.payload, example.version, schemas().exact(example.version),
                latest, violations);
  return violations;
}

FastVerdict verdict_of(MessageValidator& validator, const Example& example) {
  const MessageView message{example.topic, example.payload, latest};
  return validator.judge({&message, 1})[0];
}

bool has_error(const std::vector<Violation>& violations) {
  return std::any_of(violations.begin(), violations.end(), [](const Violation& violation) {
    return violation.severity == Severity::error;
  });
}

// One small change of the kind that a broken producer or a flipped bit makes.
std::string mutated(std::string text, Random& random) {
  const auto at = static_cast<std::size_t>(random.below(text.size()));
  constexpr std::string_view characters = "{}[]:,\"\\0123456789.eE+- nulltruefalse_zZT\n\xC3\xFF";
  const char other = characters[static_cast<std::size_t>(random.below(characters.size()))];
  switch (random.below(6)) {
    case 0:
      text[at] = other;
      break;
    case 1:
      text.erase(at, 1 + static_cast<std::size_t>(random.below(4)));
      break;
    case 2:
      text.insert(at, 1, other);
      break;
    case 3:  // a letter as an escape
      if (text[at] >= 'a' && text[at] <= 'z') {
        text.replace(at, 1, fmt::format("\\u{:04x}", static_cast<unsigned>(text[at])));
      }
      break;
    case 4:  // members beside the others, with one name now and then
      if (const auto comma = text.rfind(','); comma != std::string::npos) {
        const char name = random.chance(0.5) ? 'x' : 'y';
        text.insert(comma, fmt::format(R"(,"x":"1","{}":"2")", name));
      }
      break;
    default: {  // a piece from elsewhere
      const auto from = static_cast<std::size_t>(random.below(text.size()));
      text.insert(at, text.substr(from, static_cast<std::size_t>(random.below(20))));
      break;
    }
  }
  return text;
}

Example mutated(Example example, Random& random) {
  std::string& part = random.chance(0.9) ? example.payload : example.topic;
  part = mutated(part, random);
  return example;
}

}  // namespace

TEST_CASE("An example of every property is valid in both streams, and the fast look can tell") {
  MessageValidator validator(schemas());
  const auto all = examples();
  CHECK(all.size() == std::size_t{2} * 557);
  for (const Example& example : all) {
    CAPTURE(example.payload);
    CHECK(verdict_of(validator, example) != FastVerdict::unsure);
    CHECK_FALSE(has_error(explained(example)));
  }
}

TEST_CASE("What the fast look calls valid, the thorough one does too, whatever is broken") {
  MessageValidator validator(schemas());
  Random random(7, "mutation");
  std::size_t valid = 0;
  std::size_t unsure = 0;
  for (const Example& example : examples()) {
    for (int i = 0; i < 12; ++i) {
      const Example changed = mutated(example, random);
      CAPTURE(changed.topic);
      CAPTURE(changed.payload);
      const FastVerdict verdict = verdict_of(validator, changed);
      const auto violations = explained(changed);
      if (verdict == FastVerdict::valid) {
        CHECK(violations.empty());
        ++valid;
      } else if (verdict == FastVerdict::warnings) {
        CHECK_FALSE(has_error(violations));
      } else {
        ++unsure;
      }
    }
  }
  CHECK(unsure > 5'000);
  CHECK(valid > 50);
}

TEST_CASE("A message's verdict is its own, whatever broken messages stand beside it") {
  MessageValidator alone(schemas());
  MessageValidator together(schemas());
  Random random(11, "mutation");
  std::vector<Example> batch;
  for (const Example& example : examples()) {
    batch.push_back(random.chance(0.3) ? mutated(example, random) : example);
    if (batch.size() < 10) {
      continue;
    }
    std::vector<MessageView> views;
    for (const Example& one : batch) {
      views.push_back({one.topic, one.payload, latest});
    }
    const auto verdicts = together.judge(views);
    REQUIRE(verdicts.size() == batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      CAPTURE(batch[i].payload);
      CHECK(verdicts[i] == verdict_of(alone, batch[i]));
    }
    batch.clear();
  }
}

TEST_CASE("Fast tables of a schema and of the catalogue give the same verdicts") {
  const auto of_schema = [](StreamVersion version) {
    auto documents = std::make_shared<SchemaDocuments>();
    const Json text = json_schema(Catalogue::level13(), version, SchemaPart::data);
    REQUIRE(documents->add("file:///data.json", write_document(text), "data.json").ok());
    const auto schema = Schema::compile(documents, "file:///data.json");
    REQUIRE(schema.ok());
    return compile_fast(schema->program(), Catalogue::level13());
  };
  const FastProgram v1 = of_schema(StreamVersion::v1);
  const FastProgram v2 = of_schema(StreamVersion::v2);
  FastJudge by_schema(&v1, &v2, std::nullopt);
  MessageValidator by_catalogue(schemas());
  Random random(13, "mutation");
  for (const Example& example : examples()) {
    for (const Example& one : {example, mutated(example, random), mutated(example, random)}) {
      CAPTURE(one.payload);
      const MessageView message{one.topic, one.payload, latest};
      std::vector<FastVerdict> verdicts;
      by_schema.judge({&message, 1}, verdicts);
      CHECK(verdicts[0] == verdict_of(by_catalogue, one));
    }
  }
}

TEST_CASE("Two halves of a message are not one") {
  MessageValidator validator(schemas());
  const Example whole = examples().front();
  const std::string_view payload = whole.payload;
  for (std::size_t cut = 0; cut <= payload.size(); ++cut) {
    const std::array<MessageView, 3> messages = {{{whole.topic, payload.substr(0, cut), latest},
                                                  {whole.topic, payload.substr(cut), latest},
                                                  {whole.topic, payload, latest}}};
    const auto verdicts = validator.judge(messages);
    CAPTURE(cut);
    CHECK((verdicts[0] == FastVerdict::unsure) == (cut != payload.size()));
    CHECK((verdicts[1] == FastVerdict::unsure) == (cut != 0));
    CHECK(verdicts[2] != FastVerdict::unsure);
  }
}

TEST_CASE("Messages larger than what is indexed at once are judged like others") {
  MessageValidator validator(schemas());
  const Example small = examples().front();
  std::string large = small.payload;
  large.insert(1, 300'000, ' ');
  const std::array<MessageView, 3> messages = {{{small.topic, small.payload, latest},
                                                {small.topic, large, latest},
                                                {small.topic, small.payload, latest}}};
  for (const FastVerdict verdict : validator.judge(messages)) {
    CHECK(verdict != FastVerdict::unsure);
  }
}

TEST_CASE("A message in another order, with white space, is judged fast as well") {
  MessageValidator validator(schemas());
  const std::string topic =
      "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/diagnostics/get/odometer";
  const std::string payload = R"( {
    "data" : { "diagnostics" : { "odometer" : { "timestamp" : "2021-11-01T10:33:10.000Z" ,
      "data" : { "value" : 100 , "unit" : "kilometers" } } } } ,
    "property" : "odometer" , "capability" : "diagnostics" , "vin" : "WATDEMEV7TRA1N002" ,
    "version" : 1 , "message_id" : "B10B" } )";
  CHECK(verdict_of(validator, {StreamVersion::v1, topic, payload}) == FastVerdict::valid);
}

TEST_CASE("Which stream a message is of") {
  CHECK(detect_stream("live/level13/a/b/c/get/d", "") == StreamVersion::v1);
  CHECK(detect_stream("live/level13/a", "") == StreamVersion::v2);
  CHECK(detect_stream("else", R"({"version": 2})") == StreamVersion::v2);
  CHECK(detect_stream("else", R"({"version": 1})") == StreamVersion::v1);
  CHECK(detect_stream("else", "no JSON") == StreamVersion::v1);
}

TEST_CASE("The fast look and the slow one call the same times too late") {
  // Five minutes after a message that came when a month, and a year, had just begun.
  for (const char* const received : {"2026-03-01T00:10:10Z", "2026-01-01T00:10:10Z"}) {
    const DataTime newest = *parse_rfc3339_as<DataClock>(received);
    for (const char* const time :
         {"2026-02-28T23:50:00-12:00", "2026-03-01T00:10:10Z", "2026-03-01T00:10:11Z",
          "2026-03-01T00:10:50Z", "2026-03-01T12:10:09+12:00", "2025-12-31T23:50:00-12:00",
          "2026-01-01T00:10:50Z", "2026-01-01T00:09:59Z", "2025-12-31T00:10:00-00:30"}) {
      CAPTURE(received);
      CAPTURE(time);
      const std::string payload = fmt::format(
          R"({{"message_id":"AB","version":1,"vin":"WATDEMEV7TRA1N002","capability":"diagnostics",)"
          R"("property":"odometer","data":{{"diagnostics":{{"odometer":{{"data":{{"unit":"kilometers",)"
          R"("value":100}},"timestamp":"{}"}}}}}}}})",
          time);
      const std::string topic =
          "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/diagnostics/get/odometer";
      std::vector<Violation> slow;
      check_message(topic, payload, StreamVersion::v1, schemas().exact(StreamVersion::v1), newest,
                    slow);
      std::vector<Violation> fast;
      MessageValidator(schemas()).check(topic, payload, newest, fast);
      CHECK(fast == slow);
      CHECK(slow.empty() == (*parse_rfc3339_as<DataClock>(time) <= newest));
    }
  }
}

TEST_CASE("A message's violations are listed up to a number, and that there are more is said") {
  std::string readings;
  for (int i = 0; i < 10'000; ++i) {
    readings += i == 0 ? "1" : ",1";
  }
  const std::string payload = fmt::format(
      R"({{"message_id":"AB","version":1,"vin":"WATDEMEV7TRA1N002","capability":"diagnostics",)"
      R"("property":"tire_pressures","data":{{"diagnostics":{{"tire_pressures":[{}]}}}}}})",
      readings);
  std::vector<Violation> violations;
  MessageValidator(schemas()).check(
      "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/diagnostics/get/tire_pressures",
      payload, latest, violations);
  REQUIRE(violations.size() == most_violations + 1);
  CHECK(violations.back().severity == Severity::error);
  CHECK(violations.back().found == "9,800 more, which are not listed");
  CHECK(violations.back().unlisted == 9'800);
  CHECK(violations.back().instance == "/data/diagnostics/tire_pressures");
}

TEST_CASE("A name that comes twice in an envelope is found, however it is written") {
  for (const Example& example : examples()) {
    for (const char* const more :
         {R"("x":"1","x":"2",)", R"("\u0076in":"OTHER",)", R"("\u0064ata":"no object",)"}) {
      std::string payload = example.payload;
      payload.insert(1, more);
      CAPTURE(payload);
      std::vector<Violation> violations;
      MessageValidator(schemas()).check(example.topic, payload, latest, violations);
      CHECK(std::any_of(violations.begin(), violations.end(), [](const Violation& violation) {
        return violation.rule == "duplicate-member";
      }));
    }
  }
}

TEST_CASE("Data that no schema describes is not passed over") {
  std::vector<Violation> violations;
  check_message(
      "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/diagnostics/get/odometer",
      R"({"message_id":"AB","version":1,"vin":"WATDEMEV7TRA1N002","capability":"diagnostics",)"
      R"("property":"odometer","data":{"diagnostics":{"odometer":{}}}})",
      StreamVersion::v1, nullptr, latest, violations);
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].line() ==
        "/data: expected a schema of the V1 stream to hold it against, found none in the folder of "
        "--schema");
}
