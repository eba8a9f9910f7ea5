#include "schema/plausibility.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "schema/catalogue.hpp"
#include "schema/format.hpp"
#include "schema/rules.hpp"
#include "schema/value_description.hpp"

namespace autotape {
namespace {

constexpr DataTime oldest{
    std::chrono::sys_days(std::chrono::year_month_day{std::chrono::year(2010), std::chrono::January,
                                                      std::chrono::day(1)})
        .time_since_epoch()};

class PlausibilityCheck {
 public:
  PlausibilityCheck(DataTime latest, std::vector<Violation>& violations)
      : latest_(latest), violations_(violations) {}

  void data(JsonValue data) {
    pointer_ = "/data";
    for_each_member(data, [&](JsonValue name, JsonValue properties) {
      const Capability* const capability = Catalogue::level13().find(name.text());
      if (capability == nullptr || !properties.is(JsonKind::object)) {
        return;
      }
      for_each_member(properties, [&](JsonValue property_name, JsonValue value) {
        if (const Property* const property = capability->find(property_name.text())) {
          property_value(*property, value);
        }
      });
    });
  }

 private:
  template <typename Visit>
  void for_each_member(JsonValue object, Visit visit) {
    const std::size_t length = pointer_.size();
    for (JsonValue name = object.first(); name != object.end(); name = name.next().next()) {
      append_pointer(pointer_, name.text());
      visit(name, name.next());
      pointer_.resize(length);
    }
  }

  template <typename Visit>
  void for_each_item(JsonValue array, Visit visit) {
    const std::size_t length = pointer_.size();
    std::size_t index = 0;
    for (JsonValue item = array.first(); item != array.end(); item = item.next()) {
      append_pointer(pointer_, std::to_string(index++));
      visit(item);
      pointer_.resize(length);
    }
  }

  void property_value(const Property& property, JsonValue value) {
    if (property.deprecated) {
      add("deprecated-property", "a property that is not deprecated", value);
    }
    if (value.is(JsonKind::array)) {
      for_each_item(value, [&](JsonValue item) { property_object(property, item); });
    } else {
      property_object(property, value);
    }
  }

  void property_object(const Property& property, JsonValue object) {
    if (!object.is(JsonKind::object)) {
      return;
    }
    for_each_member(object, [&](JsonValue name, JsonValue value) {
      if (name.text() == "timestamp") {
        timestamp(value);
      } else if (name.text() == "data") {
        typed(*property.type, "", value);
      }
    });
  }

  void timestamp(JsonValue value) {
    if (!value.is(JsonKind::string) || !is_date_time(value.text())) {
      return;
    }
    // What nanoseconds cannot hold is centuries away.
    const auto time = parse_rfc3339_as<DataClock>(value.text());
    if (!time || *time < oldest || *time > latest_) {
      add("timestamp-range", range(), value);
    }
  }

  std::string range() const {
    return fmt::format("a time between 2010 and {}", format_rfc3339(latest_.time_since_epoch()));
  }

  void typed(const ValueType& type, std::string_view member, JsonValue value) {
    switch (type.kind) {
      case ValueKind::number:
        if (value.is(JsonKind::number)) {
          number(type, member, value);
        }
        break;
      case ValueKind::object:
        if (value.is(JsonKind::object)) {
          for_each_member(value, [&](JsonValue name, JsonValue inner) {
            for (const Member& known : type.members) {
              if (known.name == name.text()) {
                typed(*known.type, known.name, inner);
              }
            }
          });
        }
        break;
      case ValueKind::array:
        if (value.is(JsonKind::array)) {
          for_each_item(value, [&](JsonValue item) { typed(*type.item, "", item); });
        }
        break;
      default:
        break;
    }
  }

  void number(const ValueType& type, std::string_view member, JsonValue value) {
    const auto within = [&](double least, double most) {
      return value.number() >= least && value.number() <= most;
    };
    if (type.name == "percentage" && !within(0, 1)) {
      add("percentage-range", "a number between 0 and 1", value);
    } else if (member == "latitude" && !within(-90, 90)) {
      add("coordinate-range", "a latitude between -90 and 90", value);
    } else if (member == "longitude" && !within(-180, 180)) {
      add("coordinate-range", "a longitude between -180 and 180", value);
    }
  }

  void add(std::string_view rule, std::string expected, JsonValue found) {
    Violation violation;
    violation.severity = find_rule(rule)->severity;
    violation.rule = rule;
    violation.instance = pointer_;
    violation.expected = std::move(expected);
    violation.found = describe_value(found);
    keep_violation(violations_, std::move(violation));
  }

  DataTime latest_;
  std::vector<Violation>& violations_;
  std::string pointer_;
};

}  // namespace

void check_plausibility(JsonValue data, DataTime latest, std::vector<Violation>& violations) {
  PlausibilityCheck(latest, violations).data(data);
}

}  // namespace autotape
