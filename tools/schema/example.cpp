#include "schema/example.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "message/topic.hpp"

namespace autotape {
namespace {

constexpr std::string_view app_id = "5A0C0FFEE0DDBA11C0DEFEED";
constexpr std::string_view application_id = "5a0c0ffe-e0dd-4a11-80de-feed5a0c0ffe";
constexpr std::string_view vin = "WATDEMEV7TRA1N002";
constexpr std::string_view timestamp = "2026-03-02T06:45:10.000Z";

constexpr std::array<std::string_view, 19> usual_units{"meters_per_second_squared",
                                                       "degrees",
                                                       "revolutions_per_minute",
                                                       "minutes",
                                                       "amperes",
                                                       "volts",
                                                       "kilowatt_hours",
                                                       "kwh_per_100_kilometers",
                                                       "times_per_minute",
                                                       "lux",
                                                       "liters_per_100_kilometers",
                                                       "kilometers",
                                                       "kilowatts",
                                                       "bars",
                                                       "kilometers_per_hour",
                                                       "celsius",
                                                       "newton_meters",
                                                       "liters",
                                                       "hertz"};

Json property_object(const ValueType& type) {
  return {{"data", example_value(type)}, {"timestamp", timestamp}};
}

}  // namespace

std::string_view usual_unit(const ValueType& quantity) {
  const auto usual = std::find_first_of(quantity.names.begin(), quantity.names.end(),
                                        usual_units.begin(), usual_units.end());
  return usual == quantity.names.end() ? quantity.names.front() : *usual;
}

Json example_value(const ValueType& type) {
  switch (type.kind) {
    case ValueKind::string:
      return type.limits ? Json(vin) : Json("text");
    case ValueKind::date_time:
      return timestamp;
    case ValueKind::integer:
      return 7;
    case ValueKind::number:
      return 0.5;
    case ValueKind::enumeration:
      return type.names.front();
    case ValueKind::quantity:
      return {{"unit", usual_unit(type)}, {"value", 100}};
    case ValueKind::object:
      break;
    case ValueKind::array:
      return Json(static_cast<std::size_t>(type.limits ? type.limits->least : 1),
                  example_value(*type.item));
  }
  Json object = Json::object();
  for (const Member& member : type.members) {
    object[std::string(member.name)] = example_value(*member.type);
  }
  return object;
}

ExampleMessage example_message(const Capability& capability, const Property& property,
                               StreamVersion version) {
  Json value = property_object(*property.type);
  if (property.is_array(version)) {
    value = Json::array({std::move(value)});
  }
  const std::string capability_name(capability.name);
  const std::string property_name(property.name);
  Json payload{{"message_id", "B10BB67D6B4D2EBAB49FD3F81D41111C2AC0D6E0816DE47F87DCDD1388F3D911"}};
  payload["version"] = version == StreamVersion::v1 ? 1 : 2;
  payload["vin"] = vin;
  std::string topic;
  if (version == StreamVersion::v1) {
    payload["capability"] = capability_name;
    payload["property"] = property_name;
    topic = fmt::format("sandbox/{}/{}/{}/{}/get/{}", auto_api_level, app_id, vin, capability_name,
                        property_name);
  } else {
    payload["application_id"] = application_id;
    topic = fmt::format("sandbox/{}/{}", auto_api_level, application_id);
  }
  payload["data"][capability_name][property_name] = std::move(value);
  return {std::move(topic), std::move(payload)};
}

}  // namespace autotape
