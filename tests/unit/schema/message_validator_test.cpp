#include "schema/message_validator.hpp"

#include <doctest/doctest.h>

#include "core/random.hpp"
#include "schema/example.hpp"
#include "schema/message_check.hpp"

using namespace autotape;

namespace {

constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};  // 2029

const MessageSchemas& schemas() {
  static const Result<MessageSchemas> made = MessageSchemas::built_in();
  return *made;
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
  check_message(example.topic, example.payload, example.version,
                &schemas().data(example.version)->exact, latest, violations);
  return violations;
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
  switch (random.below(4)) {
    case 0:
      text[at] = other;
      break;
    case 1:
      text.erase(at, 1 + static_cast<std::size_t>(random.below(4)));
      break;
    case 2:
      text.insert(at, 1, other);
      break;
    default: {  // a piece from elsewhere
      const auto from = static_cast<std::size_t>(random.below(text.size()));
      text.insert(at, text.substr(from, static_cast<std::size_t>(random.below(20))));
      break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("An example of every property is valid in both streams, and the fast look can tell") {
  MessageValidator validator(schemas());
  const auto all = examples();
  CHECK(all.size() == std::size_t{2} * 557);
  for (const Example& example : all) {
    CAPTURE(example.payload);
    CHECK(validator.judge(example.topic, example.payload, latest) != FastVerdict::unsure);
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
      Example changed = example;
      if (random.chance(0.9)) {
        changed.payload = mutated(changed.payload, random);
      } else {
        changed.topic = mutated(changed.topic, random);
      }
      CAPTURE(changed.topic);
      CAPTURE(changed.payload);
      const FastVerdict verdict = validator.judge(changed.topic, changed.payload, latest);
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

TEST_CASE("A message in another order, with white space, is judged fast as well") {
  MessageValidator validator(schemas());
  const std::string topic =
      "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/diagnostics/get/odometer";
  const std::string payload = R"( {
    "data" : { "diagnostics" : { "odometer" : { "timestamp" : "2021-11-01T10:33:10.000Z" ,
      "data" : { "value" : 100 , "unit" : "kilometers" } } } } ,
    "property" : "odometer" , "capability" : "diagnostics" , "vin" : "WATDEMEV7TRA1N002" ,
    "version" : 1 , "message_id" : "B10B" } )";
  CHECK(validator.judge(topic, payload, latest) == FastVerdict::valid);
}

TEST_CASE("Which stream a message is of") {
  CHECK(detect_stream("live/level13/a/b/c/get/d", "") == StreamVersion::v1);
  CHECK(detect_stream("live/level13/a", "") == StreamVersion::v2);
  CHECK(detect_stream("else", R"({"version": 2})") == StreamVersion::v2);
  CHECK(detect_stream("else", R"({"version": 1})") == StreamVersion::v1);
  CHECK(detect_stream("else", "no JSON") == StreamVersion::v1);
}
