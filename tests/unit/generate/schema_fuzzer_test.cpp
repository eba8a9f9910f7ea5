#include "generate/schema_fuzzer.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "message/envelope.hpp"
#include "schema/message_check.hpp"
#include "schema/message_schemas.hpp"

using namespace autotape;

namespace {

const MessageSchemas& schemas() {
  static const MessageSchemas made = MessageSchemas::built_in();
  return made;
}

// The errors that the validator finds.
std::vector<Violation> errors_in(const Message& message, StreamVersion stream) {
  std::vector<Violation> violations;
  check_message(message.topic, message.payload, stream, schemas().exact(stream), usual_tape_start,
                violations);
  std::erase_if(violations, [](const Violation& one) { return one.severity != Severity::error; });
  return violations;
}

}  // namespace

TEST_CASE("The validator finds each labelled violation at its place, and nothing else") {
  for (const StreamVersion stream : {StreamVersion::v1, StreamVersion::v2}) {
    auto fuzzer = SchemaFuzzer::create({.count = 557 * 10, .stream = stream});
    REQUIRE(fuzzer);
    std::map<std::string_view, std::size_t> found;
    std::set<std::string> properties;
    EnvelopeReader reader;
    RecordedMessage recorded;
    while (fuzzer->next(recorded)) {
      const FuzzLabel& label = fuzzer->label();
      const auto errors = errors_in(recorded.message, stream);
      CAPTURE(recorded.message.payload);
      CAPTURE(label.keyword);
      CAPTURE(label.instance);
      if (label.is_valid()) {
        if (!errors.empty()) {
          FAIL(errors.front().line());
        }
        const auto envelope = reader.read(recorded.message.payload);
        if (!envelope) {
          FAIL(envelope.error().line());
        }
        for (const Reading& reading : (*envelope)->readings) {
          properties.insert(std::string(reading.capability) + "." + std::string(reading.property));
        }
      } else {
        REQUIRE(errors.size() == 1);
        REQUIRE(errors.front().keyword == label.keyword);
        REQUIRE(errors.front().instance == label.instance);
      }
      ++found[label.keyword];
    }
    CHECK(properties.size() == 557);
    CHECK(found[""] > 557 * 4);
    for (const std::string_view keyword : fuzzed_keywords()) {
      CAPTURE(keyword);
      CHECK(found[keyword] > 0);
    }
  }
}

TEST_CASE("A label stands in the message's user properties") {
  auto fuzzer = SchemaFuzzer::create({.count = 20, .violations = 1, .keyword = "required"});
  REQUIRE(fuzzer);
  RecordedMessage recorded;
  std::size_t invalid = 0;
  while (fuzzer->next(recorded)) {
    const auto& properties = recorded.message.properties->user_properties;
    if (fuzzer->label().is_valid()) {  // nothing is required of a plain value
      CHECK(properties.size() == 1);
      CHECK(properties[0] == std::pair<std::string, std::string>("expect", "valid"));
    } else {
      ++invalid;
      CHECK(properties[0] == std::pair<std::string, std::string>("expect", "invalid"));
      CHECK(properties[1] == std::pair<std::string, std::string>("keyword", "required"));
      CHECK(properties[2].second == fuzzer->label().instance);
    }
  }
  CHECK(invalid > 0);
}

TEST_CASE("Fuzzed messages are the same every time") {
  const auto all = [](std::uint64_t seed) {
    auto fuzzer = SchemaFuzzer::create({.count = 200, .seed = seed});
    std::vector<RecordedMessage> messages(1);
    while (fuzzer->next(messages.back())) {
      messages.emplace_back();
    }
    return messages;
  };
  CHECK(all(1) == all(1));
  CHECK(all(1) != all(2));
}

TEST_CASE("A keyword that no message can break is refused") {
  const auto fuzzer = SchemaFuzzer::create({.keyword = "pattern"});
  REQUIRE_FALSE(fuzzer);
  CHECK(fuzzer.error().line().starts_with("no message of the catalogue can break \"pattern\""));
}
