#include "schema/message_rules.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"
#include "message/topic.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 6> envelope_members{"message_id", "version",  "vin",
                                                           "capability", "property", "data"};

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", printable(text));
}

std::string_view kind_of(JsonElement element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

// Found where a member is wanted: its kind, or "nothing".
std::string found_at(simdjson::simdjson_result<JsonElement> member) {
  JsonElement element;
  return member.get(element) == simdjson::SUCCESS ? std::string(kind_of(element)) : "nothing";
}

bool is_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// One message on its way through the rules.
class Check {
 public:
  explicit Check(std::vector<Violation>& violations) : violations_(violations) {}

  void topic(std::string_view text) {
    topic_ = parse_v1_topic(text);
    if (!topic_) {
      add("topic", "", "environment/level13/app_id/vin/capability/get/property", quoted(text));
      return;
    }
    topic_level(is_environment(topic_->environment), "live or sandbox", topic_->environment);
    topic_level(topic_->level == auto_api_level, auto_api_level, topic_->level);
    topic_level(is_v1_app_id(topic_->app_id), "an App ID of 24 upper-case hexadecimal digits",
                topic_->app_id);
    topic_level(topic_->action == "get", "the action get", topic_->action);
    topic_level(is_name(topic_->capability), "a capability", topic_->capability);
    topic_level(is_name(topic_->property), "a property", topic_->property);
  }

  void envelope(const JsonObject& members) {
    text_member(members, "message_id");
    const auto vin = text_member(members, "vin");
    const auto capability = text_member(members, "capability");
    const auto property = text_member(members, "property");
    if (integer_member(members, "version") != 1) {
      add("envelope", "/version", "the number 1", found_at(members["version"]));
    }
    for (const auto member : members) {
      if (std::find(envelope_members.begin(), envelope_members.end(), member.key) ==
          envelope_members.end()) {
        add("extra-member", fmt::format("/{}", member.key), "no other member", "one",
            Severity::warning);
      }
    }
    if (topic_) {
      agree("vin-agreement", "/vin", topic_->vin, vin);
      agree("capability-agreement", "/capability", topic_->capability, capability);
      agree("property-agreement", "/property", topic_->property, property);
    }
    data(members["data"], capability, property);
  }

  void add(std::string_view rule, std::string instance, std::string_view expected,
           std::string found, Severity severity = Severity::error) {
    Violation violation;
    violation.severity = severity;
    violation.rule = rule;
    violation.instance = std::move(instance);
    violation.expected = expected;
    violation.found = std::move(found);
    violations_.push_back(std::move(violation));
  }

 private:
  void topic_level(bool right, std::string_view expected, std::string_view found) {
    if (!right) {
      add("topic", "", expected, quoted(found));
    }
  }

  std::optional<std::string_view> text_member(const JsonObject& members, std::string_view key) {
    const auto text = string_member(members, key);
    if (!text) {
      add("envelope", fmt::format("/{}", key), "a string", found_at(members[key]));
    } else if (text->empty()) {
      add("envelope", fmt::format("/{}", key), "a string that is not empty", "\"\"");
    }
    return text;
  }

  void agree(std::string_view rule, std::string instance, std::string_view in_topic,
             std::optional<std::string_view> in_envelope) {
    if (in_envelope && *in_envelope != in_topic) {
      add(rule, std::move(instance), quoted(in_topic) + " as in the topic", quoted(*in_envelope));
    }
  }

  // `data` has one member named like the capability, and that one member named like the property.
  void data(simdjson::simdjson_result<JsonElement> member,
            std::optional<std::string_view> capability, std::optional<std::string_view> property) {
    const auto properties = only_member(member, "/data", "capability-agreement", capability);
    if (properties && capability) {
      only_member(JsonElement(*properties), fmt::format("/data/{}", *capability),
                  "property-agreement", property);
    }
  }

  std::optional<JsonElement> only_member(simdjson::simdjson_result<JsonElement> parent,
                                         const std::string& instance, std::string_view rule,
                                         std::optional<std::string_view> name) {
    JsonObject members;
    if (parent.get(members) != simdjson::SUCCESS) {
      add("envelope", instance, "an object", found_at(parent));
      return std::nullopt;
    }
    if (!name) {
      return std::nullopt;
    }
    std::optional<JsonElement> wanted;
    for (const auto member : members) {
      if (member.key == *name) {
        wanted = member.value;
      } else {
        add(rule, fmt::format("{}/{}", instance, member.key), "only " + quoted(*name),
            quoted(member.key));
      }
    }
    if (!wanted) {
      add(rule, instance, "the member " + quoted(*name), "none of that name");
    }
    return wanted;
  }

  std::vector<Violation>& violations_;
  std::optional<V1Topic> topic_;
};

}  // namespace

void MessageRules::check(const Message& message, std::vector<Violation>& violations) {
  Check check(violations);
  check.topic(message.topic);
  const auto root = parser_.parse(message.payload);
  if (!root) {
    check.add("json", "", "a JSON object", root.error().what);
    return;
  }
  JsonObject members;
  if (root->get(members) != simdjson::SUCCESS) {
    check.add("json", "", "a JSON object", std::string(kind_of(*root)));
    return;
  }
  check.envelope(members);
}

}  // namespace autotape
