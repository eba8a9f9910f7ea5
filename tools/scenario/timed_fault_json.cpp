#include "scenario/timed_fault_json.hpp"

#include "core/quantity.hpp"

namespace autotape {

Json timed_fault_to_json(const TimedFault& fault) {
  Json json;
  if (fault.at) {
    json["at"] = format_duration(fault.at->time_since_epoch());
  }
  if (fault.after_deliveries) {
    json["after_deliveries"] = *fault.after_deliveries;
  }
  if (fault.on_event) {
    json["on_event"] = *fault.on_event;
  }
  if (fault.pause) {
    json["pause"] = format_duration(*fault.pause);
  }
  json.update(fault.what);
  return json;
}

Result<TimedFault> timed_fault_from_json(const Json& json, const std::string& where) {
  if (!json.is_object()) {
    return file_error(where, "is no fault");
  }
  TimedFault fault;
  for (const auto& [name, value] : json.items()) {
    if (name == "after_deliveries" && value.is_number_unsigned()) {
      fault.after_deliveries = value.get<std::uint64_t>();
    } else if (name == "on_event" && value.is_string()) {
      fault.on_event = value.get<std::string>();
    } else if (name == "at" || name == "pause") {
      const auto duration =
          value.is_string() ? parse_duration(value.get<std::string>()) : std::nullopt;
      if (!duration) {
        return file_error(where + "/" + name, "is no duration");
      }
      if (name == "at") {
        fault.at = DueTime(*duration);
      } else {
        fault.pause = *duration;
      }
    } else {
      fault.what[name] = value;
    }
  }
  return fault;
}

}  // namespace autotape
