#include "schema/message_check.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include "core/text.hpp"
#include "json/decimal.hpp"
#include "json/tree.hpp"
#include "message/vin.hpp"
#include "schema/catalogue.hpp"
#include "schema/format.hpp"
#include "schema/plausibility.hpp"
#include "schema/rules.hpp"
#include "schema/value_description.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 6> v1_members = {"message_id", "version",  "vin",
                                                        "capability", "property", "data"};

std::string found_at(std::optional<JsonValue> member) {
  return member ? describe_value(*member) : "nothing";
}

bool is_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// One message on its way through the rules.
class MessageCheck {
 public:
  MessageCheck(StreamVersion version, const Schema* data, bool known_right, DataTime latest,
               std::vector<Violation>& violations)
      : version_(version),
        data_schema_(data),
        known_right_(known_right),
        latest_(latest),
        violations_(violations) {}

  void topic(std::string_view text) {
    if (version_ == StreamVersion::v1) {
      v1_topic(text);
    } else {
      v2_topic(text);
    }
  }

  void payload(std::string_view text) {
    const auto tree = JsonTree::parse(text, "");
    if (!tree) {
      add("json", "", "a JSON object", "what " + tree.error().what);
      return;
    }
    const JsonValue root = tree->root();
    if (!root.is(JsonKind::object)) {
      add("json", "", "a JSON object", describe_value(root));
      return;
    }
    if (!known_right_) {
      std::string pointer;
      refuse_duplicates(root, pointer);
    }
    if (version_ == StreamVersion::v1) {
      v1_envelope(root);
    } else {
      v2_envelope(root);
    }
    if (const auto data = root.member("data"); data && data->is(JsonKind::object)) {
      judge_data(*data);
      check_plausibility(*data, latest_, violations_);
    }
    if (const auto vin = root.member("vin"); vin && vin->is(JsonKind::string)) {
      plausible_vin(vin->text());
    }
  }

 private:
  void add(std::string_view rule, std::string instance, std::string expected, std::string found) {
    Violation violation;
    violation.severity = find_rule(rule)->severity;
    violation.rule = rule;
    violation.instance = std::move(instance);
    violation.expected = std::move(expected);
    violation.found = std::move(found);
    keep_violation(violations_, std::move(violation));
  }

  void topic_level(bool right, std::string_view expected, std::string_view found) {
    if (!right) {
      add("topic", "", std::string(expected), quoted(found));
    }
  }

  void v1_topic(std::string_view text) {
    v1_topic_ = parse_v1_topic(text);
    if (!v1_topic_) {
      add("topic", "", "environment/level13/app_id/vin/capability/get/property", quoted(text));
      return;
    }
    topic_level(is_environment(v1_topic_->environment), "live or sandbox", v1_topic_->environment);
    topic_level(v1_topic_->level == auto_api_level, auto_api_level, v1_topic_->level);
    topic_level(is_v1_app_id(v1_topic_->app_id), "an App ID of 24 upper-case hexadecimal digits",
                v1_topic_->app_id);
    topic_level(v1_topic_->action == "get", "the action get", v1_topic_->action);
    topic_level(is_name(v1_topic_->capability), "a capability", v1_topic_->capability);
    topic_level(is_name(v1_topic_->property), "a property", v1_topic_->property);
  }

  void v2_topic(std::string_view text) {
    v2_topic_ = parse_v2_topic(text);
    if (!v2_topic_) {
      add("topic", "", "environment/level13/application_id", quoted(text));
      return;
    }
    topic_level(is_environment(v2_topic_->environment), "live or sandbox", v2_topic_->environment);
    topic_level(v2_topic_->level == auto_api_level, auto_api_level, v2_topic_->level);
    topic_level(is_v2_application_id(v2_topic_->application_id),
                "an application id, a lower-case UUID", v2_topic_->application_id);
  }

  void refuse_duplicates(JsonValue value, std::string& pointer) {
    const std::size_t length = pointer.size();
    std::size_t index = 0;
    if (value.is(JsonKind::array)) {
      for (JsonValue item = value.first(); item != value.end(); item = item.next()) {
        append_pointer(pointer, std::to_string(index++));
        refuse_duplicates(item, pointer);
        pointer.resize(length);
      }
    } else if (value.is(JsonKind::object)) {
      std::unordered_set<std::string_view> names;
      for (JsonValue name = value.first(); name != value.end(); name = name.next().next()) {
        append_pointer(pointer, name.text());
        if (!names.insert(name.text()).second) {
          add("duplicate-member", pointer, "one member of that name", "another");
        }
        refuse_duplicates(name.next(), pointer);
        pointer.resize(length);
      }
    }
  }

  std::optional<std::string_view> text_member(JsonValue root, std::string_view name) {
    const auto member = root.member(name);
    if (!member || !member->is(JsonKind::string)) {
      add("envelope", fmt::format("/{}", name), "a string", found_at(member));
      return std::nullopt;
    }
    if (member->text().empty()) {
      add("envelope", fmt::format("/{}", name), "a string that is not empty", "\"\"");
    }
    return member->text();
  }

  void version_member(JsonValue root, std::string_view number) {
    const auto member = root.member("version");
    if (!member || !member->is(JsonKind::number) || Decimal(member->text()) != Decimal(number)) {
      add("envelope", "/version", fmt::format("the number {}", number), found_at(member));
    }
  }

  void v1_envelope(JsonValue root) {
    text_member(root, "message_id");
    version_member(root, "1");
    const auto vin = text_member(root, "vin");
    const auto capability = text_member(root, "capability");
    const auto property = text_member(root, "property");
    if (v1_topic_) {
      agree("vin-agreement", "/vin", v1_topic_->vin, vin);
      agree("capability-agreement", "/capability", v1_topic_->capability, capability);
      agree("property-agreement", "/property", v1_topic_->property, property);
    }
    only_names(root.member("data"), capability, property);
    for (JsonValue name = root.first(); name != root.end(); name = name.next().next()) {
      if (std::find(v1_members.begin(), v1_members.end(), name.text()) == v1_members.end()) {
        std::string pointer;
        append_pointer(pointer, name.text());
        add("extra-member", pointer, "no other member", quoted(name.text()));
      }
    }
  }

  void v2_envelope(JsonValue root) {
    text_member(root, "message_id");
    version_member(root, "2");
    text_member(root, "vin");
    const auto application = text_member(root, "application_id");
    if (application && !is_uuid(*application)) {
      add("envelope", "/application_id", "a UUID", quoted(*application));
    }
    if (v2_topic_) {
      agree("application-agreement", "/application_id", v2_topic_->application_id, application);
    }
    const auto data = root.member("data");
    if (!data || !data->is(JsonKind::object)) {
      add("envelope", "/data", "an object", found_at(data));
      return;
    }
    for (JsonValue name = data->first(); name != data->end(); name = name.next().next()) {
      if (Catalogue::level13().find(name.text()) == nullptr) {
        std::string pointer = "/data";
        append_pointer(pointer, name.text());
        add("unknown-capability", pointer, "a capability of level 13", quoted(name.text()));
      }
    }
  }

  void agree(std::string_view rule, std::string instance, std::string_view in_topic,
             std::optional<std::string_view> in_envelope) {
    if (in_envelope && *in_envelope != in_topic) {
      add(rule, std::move(instance), quoted(in_topic) + " as in the topic", quoted(*in_envelope));
    }
  }

  // V1's `data` has one member named like the capability, and that one member named like the
  // property.
  void only_names(std::optional<JsonValue> data, std::optional<std::string_view> capability,
                  std::optional<std::string_view> property) {
    std::string pointer = "/data";
    const auto properties = only_member(data, pointer, "capability-agreement", capability);
    if (properties) {
      append_pointer(pointer, *capability);
      only_member(properties, pointer, "property-agreement", property);
    }
  }

  std::optional<JsonValue> only_member(std::optional<JsonValue> parent, const std::string& pointer,
                                       std::string_view rule,
                                       std::optional<std::string_view> name) {
    if (!parent || !parent->is(JsonKind::object)) {
      add("envelope", pointer, "an object", found_at(parent));
      return std::nullopt;
    }
    if (!name) {
      return std::nullopt;
    }
    for (JsonValue other = parent->first(); other != parent->end(); other = other.next().next()) {
      if (other.text() != *name) {
        std::string place = pointer;
        append_pointer(place, other.text());
        add(rule, std::move(place), "only " + quoted(*name), quoted(other.text()));
      }
    }
    const auto wanted = parent->member(*name);
    if (!wanted) {
      add(rule, pointer, "the member " + quoted(*name), "none of that name");
    }
    return wanted;
  }

  void judge_data(JsonValue data) {
    if (data_schema_ == nullptr) {
      if (!known_right_) {
        add("schema", "/data",
            fmt::format("a schema of the {} stream to hold it against",
                        version_ == StreamVersion::v1 ? "V1" : "V2"),
            "none in the folder of --schema");
      }
      return;
    }
    for (Violation& violation : data_schema_->check(data)) {
      violation.instance.insert(0, "/data");
      keep_violation(violations_, std::move(violation));
    }
  }

  void plausible_vin(std::string_view vin) {
    if (!is_vin(vin)) {
      add("vin-form", "/vin", "17 digits and capital letters without I, O and Q", quoted(vin));
    } else if (!has_plausible_check_digit(vin)) {
      add("vin-check-digit", "/vin", "a check digit that agrees with the rest", quoted(vin));
    }
  }

  StreamVersion version_;
  const Schema* data_schema_;
  bool known_right_;
  DataTime latest_;
  std::vector<Violation>& violations_;
  std::optional<V1Topic> v1_topic_;
  std::optional<V2Topic> v2_topic_;
};

}  // namespace

void check_message(std::string_view topic, std::string_view payload, StreamVersion version,
                   const Schema* data, DataTime latest, std::vector<Violation>& violations) {
  MessageCheck check(version, data, false, latest, violations);
  check.topic(topic);
  check.payload(payload);
}

void find_warnings(std::string_view topic, std::string_view payload, StreamVersion version,
                   DataTime latest, std::vector<Violation>& violations) {
  MessageCheck check(version, nullptr, true, latest, violations);
  check.topic(topic);
  check.payload(payload);
}

}  // namespace autotape
