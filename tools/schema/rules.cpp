#include "schema/rules.hpp"

#include <algorithm>
#include <array>

namespace autotape {
namespace {

constexpr Severity error = Severity::error;
constexpr Severity warning = Severity::warning;

constexpr std::array<MessageRule, 17> rules = {{
    {"topic", error, "the topic has the provider's grammar"},
    {"json", error, "the payload is one JSON object in UTF-8, without numbers beyond a double"},
    {"duplicate-member", error, "no object has two members of one name"},
    {"envelope", error, "the envelope has its members, each of its type"},
    {"vin-agreement", error, "topic and envelope name the same car (V1)"},
    {"application-agreement", error, "topic and envelope name the same application (V2)"},
    {"capability-agreement", error, "topic, envelope and data name the same capability (V1)"},
    {"property-agreement", error, "topic, envelope and data name the same property (V1)"},
    {"schema", error, "the data is what the schema asks for"},
    {"extra-member", warning, "the envelope has no other member (V1)"},
    {"unknown-capability", warning,
     "the data has no capability that the schema does not know (V2)"},
    {"deprecated-property", warning, "no property is sent that the schema calls deprecated"},
    {"timestamp-range", warning,
     "no timestamp is before 2010 or 5 minutes after the message was received"},
    {"vin-form", warning, "a VIN has 17 digits and capital letters without I, O and Q (ISO 3779)"},
    {"vin-check-digit", warning, "the check digit of a North American or Chinese VIN is right"},
    {"percentage-range", warning, "a percentage is between 0 and 1"},
    {"coordinate-range", warning, "a latitude is within ±90 degrees, a longitude within ±180"},
}};

}  // namespace

std::span<const MessageRule> message_rules() {
  return rules;
}

const MessageRule* find_rule(std::string_view name) {
  const auto* const found = std::find_if(
      rules.begin(), rules.end(), [&](const MessageRule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : found;
}

}  // namespace autotape
