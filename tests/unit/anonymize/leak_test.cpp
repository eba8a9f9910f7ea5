// A tape that carries a known value in every string of every property, its search after it was
// anonymised, and its validity before and after.
#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "anonymize/anonymizer.hpp"
#include "json/document.hpp"
#include "schema/example.hpp"
#include "schema/message_validator.hpp"

using namespace autotape;

namespace {

constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};  // 2029

struct KnownValues {
  std::vector<std::string> all;

  std::string next_text() {
    all.push_back(fmt::format("known value {}", all.size()));
    return all.back();
  }
  double next_degrees() {
    const double degrees = 10 + static_cast<double>(all.size()) * 0.001371;
    all.push_back(fmt::format("{}", degrees));
    return degrees;
  }

  // Puts one into every string and every coordinate of a value of that type.
  void put_into(const ValueType& type, std::string_view name, Json& value) {
    if (type.kind == ValueKind::string) {
      value = type.limits ? Json("WATDEMEV7TRA1N002") : Json(next_text());
    } else if (name == "latitude" || name == "longitude") {
      value = next_degrees();
    } else if (type.kind == ValueKind::array) {
      for (Json& item : value) {
        put_into(*type.item, name, item);
      }
    } else if (type.kind == ValueKind::object) {
      for (const Member& member : type.members) {
        put_into(*member.type, member.name, value[std::string(member.name)]);
      }
    }
  }
};

// For each property, in both streams: a value, and a failure with a description.
std::vector<Message> messages_with(KnownValues& known) {
  std::vector<Message> messages;
  for (const StreamVersion version : {StreamVersion::v1, StreamVersion::v2}) {
    for (const Capability& capability : Catalogue::level13().capabilities()) {
      for (const Property& property : capability.properties) {
        ExampleMessage example = example_message(capability, property, version);
        Json& value =
            example.payload["data"][std::string(capability.name)][std::string(property.name)];
        Json& object = value.is_array() ? value.front() : value;
        known.put_into(*property.type, "", object["data"]);
        object["failure"] = {{"reason", "unknown"}, {"description", known.next_text()}};
        Message message;
        message.topic = example.topic;
        message.payload = write_document(example.payload);
        messages.push_back(std::move(message));
      }
    }
  }
  return messages;
}

std::string rules_broken_by(MessageValidator& validator, const Message& message) {
  std::vector<Violation> violations;
  validator.check(message.topic, message.payload, latest, violations);
  std::string rules;
  for (const Violation& violation : violations) {
    rules += fmt::format("{} {}\n", violation.rule, violation.instance);
  }
  return rules;
}

// Nothing of the catalogue's form: other types, other units, a VIN that is none, broken JSON.
void damage(std::vector<Message>& messages) {
  const std::size_t sound = messages.size();
  for (std::size_t i = 0; i < sound; i += 7) {
    Message bad = messages[i];
    Json payload = Json::parse(bad.payload);
    for (auto& [name, properties] : payload["data"].items()) {
      for (auto& [property, value] : properties.items()) {
        Json& object = value.is_array() ? value.front() : value;
        object["data"] = i % 2 == 0 ? Json({{"unit", "parsecs"}, {"value", 3}}) : Json("misplaced");
      }
    }
    payload["vin"] = i % 3 == 0 ? "WATDEMEV7TRA1N00" : "1HGCM82633A004353";
    payload["unit"] = "misplaced";
    bad.payload = write_document(payload);
    messages.push_back(bad);
    bad.payload.pop_back();
    messages.push_back(bad);
  }
}

}  // namespace

TEST_CASE("Of every string property's value, every VIN, App ID and coordinate nothing is found") {
  KnownValues known;
  std::vector<Message> messages = messages_with(known);
  for (const char* text :
       {"WATDEMEV7TRA1N002", "5A0C0FFEE0DDBA11C0DEFEED", "known value",
        "5a0c0ffe-e0dd-4a11-80de-feed5a0c0ffe", "misplaced", "1HGCM82633A004353"}) {
    known.all.emplace_back(text);
  }
  REQUIRE(known.all.size() > 1000);
  damage(messages);

  static const Result<MessageSchemas> schemas = MessageSchemas::built_in();
  MessageValidator validator(*schemas);
  for (const CoordinateMode mode :
       {CoordinateMode::drop, CoordinateMode::grid, CoordinateMode::shift}) {
    Anonymizer anonymizer(anonymize_key_of(std::string(32, 'k')),
                          AnonymizeSettings{{mode, 0.1}, {}}, *Harmless::with({}));
    std::string tape;
    for (const Message& before : messages) {
      RecordedMessage after{{}, before};
      anonymizer.rewrite(after);
      tape += after.message.topic + " " + after.message.payload + "\n";
      CHECK_MESSAGE(rules_broken_by(validator, after.message) == rules_broken_by(validator, before),
                    before.payload, " became ", after.message.payload);
    }
    for (const std::string& value : known.all) {
      CHECK_MESSAGE(tape.find(value) == std::string::npos, value);
    }
    CHECK(anonymizer.payloads().unknown().empty());
  }
}
