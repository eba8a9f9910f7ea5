#include "journal/observation.hpp"

#include <limits>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "json/canonical.hpp"

namespace autotape {
namespace {

// Most consumers write {"message_id":"…"} and nothing else; millions of such lines need no parser.
// Nothing where the line is anything else, an id that needs unescaping or is not ASCII among it.
std::optional<std::string_view> only_message_id(std::string_view line) {
  constexpr std::string_view name = R"({"message_id":)";
  if (!line.starts_with(name) || !line.ends_with("\"}")) {
    return std::nullopt;
  }
  line.remove_prefix(name.size());
  if (line.starts_with(' ')) {
    line.remove_prefix(1);
  }
  if (line.size() < 4 || line.front() != '"') {
    return std::nullopt;
  }
  const std::string_view id = line.substr(1, line.size() - 3);
  for (const char c : id) {
    if (c < ' ' || c == '"' || c == '\\' || c > '~') {
      return std::nullopt;
    }
  }
  return id;
}

}  // namespace

Result<const Observation*> ObservationReader::read(std::string_view line) {
  observation_.readings.clear();  // its memory is used again
  observation_ =
      Observation{ObservationKind::handled, {}, {}, std::move(observation_.readings), {}};
  values_.clear();
  if (const auto id = only_message_id(line)) {
    observation_.message_id = *id;
    return &observation_;
  }
  AUTOTAPE_TRY_ASSIGN(const JsonElement root, parser_.parse(line));
  JsonObject members;
  if (root.get(members) != simdjson::SUCCESS) {
    return file_error({}, "is not a JSON object");
  }
  // The texts of values are views: their buffer must not move. None is longer than what it was read
  // from, but for numbers, which may grow from "1e9" to ten digits and from "1e300" to some more.
  values_.reserve(line.size() * 8);
  AUTOTAPE_TRY(read_members(members));
  return &observation_;
}

Result<void> ObservationReader::read_members(JsonObject members) {
  JsonElement value;
  if (members["message_id"].get(value) == simdjson::SUCCESS) {
    const auto id = string_member(members, "message_id");
    if (!id || id->empty()) {
      return file_error("/message_id", "is not a string with an id");
    }
    observation_.message_id = *id;
    if (members["readings"].get(value) == simdjson::SUCCESS) {
      return read_readings(value);
    }
    return {};
  }
  if (members["rejected"].get(value) == simdjson::SUCCESS) {
    observation_.kind = ObservationKind::rejected;
    JsonObject rejected;
    if (value.get(rejected) != simdjson::SUCCESS) {
      return file_error("/rejected", "is not an object");
    }
    const auto id = string_member(rejected, "message_id");
    if (!id || id->empty()) {
      return file_error("/rejected/message_id", "is not a string with an id");
    }
    observation_.message_id = *id;
    observation_.reason = string_member(rejected, "reason").value_or("");
    return {};
  }
  if (members["state"].get(value) == simdjson::SUCCESS) {
    observation_.kind = ObservationKind::state;
    AUTOTAPE_TRY(read_reading(value, "/state"));
    observation_.readings.back().applied = true;
    return {};
  }
  return file_error({}, R"(has none of "message_id", "rejected" and "state")");
}

Result<void> ObservationReader::read_readings(JsonElement list) {
  JsonArray readings;
  if (list.get(readings) != simdjson::SUCCESS) {
    return file_error("/readings", "is not an array");
  }
  std::size_t index = 0;
  for (const JsonElement reading : readings) {
    AUTOTAPE_TRY(read_reading(reading, fmt::format("/readings/{}", index++)));
  }
  return {};
}

Result<void> ObservationReader::read_reading(JsonElement element, const std::string& where) {
  JsonObject members;
  if (element.get(members) != simdjson::SUCCESS) {
    return file_error(where, "is not an object");
  }
  ObservedReading reading;
  const auto take = [&](const char* name, std::string_view& target) -> Result<void> {
    const auto text = string_member(members, name);
    if (!text) {
      return file_error(fmt::format("{}/{}", where, name), "is not a string");
    }
    target = *text;
    return {};
  };
  AUTOTAPE_TRY(take("vin", reading.vin));
  AUTOTAPE_TRY(take("capability", reading.capability));
  AUTOTAPE_TRY(take("property", reading.property));

  JsonElement value;
  if (members["item"].get(value) == simdjson::SUCCESS) {
    std::uint64_t item = 0;
    if (value.get(item) != simdjson::SUCCESS || item > std::numeric_limits<std::uint32_t>::max()) {
      return file_error(where + "/item", "is not the place in a list");
    }
    reading.item = static_cast<std::uint32_t>(item);
  }
  if (members["timestamp"].get(value) == simdjson::SUCCESS && !value.is_null()) {
    const auto text = string_member(members, "timestamp");
    reading.timestamp = text ? parse_rfc3339_as<DataClock>(*text) : std::nullopt;
    if (!reading.timestamp && observation_.fault.empty()) {
      observation_.fault = where + "/timestamp: is not an RFC 3339 date-time";
    }
  }
  if (members["value"].get(value) == simdjson::SUCCESS) {
    const std::size_t start = values_.size();
    append_canonical_json(values_, value);
    reading.value = std::string_view(values_).substr(start);
  }
  if (members["applied"].get(value) == simdjson::SUCCESS &&
      value.get(reading.applied) != simdjson::SUCCESS) {
    return file_error(where + "/applied", "is not true or false");
  }
  observation_.readings.push_back(reading);
  return {};
}

}  // namespace autotape
