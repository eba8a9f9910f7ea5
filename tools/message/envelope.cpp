#include "message/envelope.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "json/parser.hpp"

namespace autotape {

struct EnvelopeReader::State {
  JsonParser parser;
  Envelope envelope;
  std::vector<JsonElement> property_objects;  // one for each reading

  void add_readings(std::string_view capability, std::string_view property, JsonElement value);
};

namespace {

std::optional<DataTime> timestamp_of(JsonElement property_object) {
  JsonObject object;
  if (property_object.get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const auto text = string_member(object, "timestamp");
  return text ? parse_rfc3339_as<DataClock>(*text) : std::nullopt;
}

}  // namespace

std::optional<DataTime> Envelope::newest() const {
  std::optional<DataTime> newest;
  for (const Reading& reading : readings) {
    if (reading.timestamp && (!newest || *reading.timestamp > *newest)) {
      newest = reading.timestamp;
    }
  }
  return newest;
}

void EnvelopeReader::State::add_readings(std::string_view capability, std::string_view property,
                                         JsonElement value) {
  const auto add = [&](std::uint32_t item, JsonElement property_object) {
    envelope.readings.push_back({capability, property, item, timestamp_of(property_object)});
    property_objects.push_back(property_object);
  };
  JsonArray items;
  if (value.get(items) != simdjson::SUCCESS) {
    add(0, value);
    return;
  }
  std::uint32_t item = 0;
  for (const JsonElement property_object : items) {
    add(item++, property_object);
  }
}

EnvelopeReader::EnvelopeReader() : state_(std::make_unique<State>()) {}
EnvelopeReader::~EnvelopeReader() = default;
EnvelopeReader::EnvelopeReader(EnvelopeReader&&) noexcept = default;
EnvelopeReader& EnvelopeReader::operator=(EnvelopeReader&&) noexcept = default;

Result<const Envelope*> EnvelopeReader::read(std::string_view payload) {
  Envelope& envelope = state_->envelope;
  envelope.readings.clear();
  state_->property_objects.clear();

  AUTOTAPE_TRY_ASSIGN(const JsonElement root, state_->parser.parse(payload));
  JsonObject members;
  if (root.get(members) != simdjson::SUCCESS) {
    return file_error({}, "is not a JSON object");
  }
  const auto message_id = string_member(members, "message_id");
  if (!message_id) {
    return file_error("/message_id", "is not a string");
  }
  const auto vin = string_member(members, "vin");
  if (!vin) {
    return file_error("/vin", "is not a string");
  }
  JsonObject capabilities;
  if (members["data"].get(capabilities) != simdjson::SUCCESS) {
    return file_error("/data", "is not an object");
  }
  envelope.message_id = *message_id;
  envelope.vin = *vin;
  envelope.version =
      integer_member(members, "version") == 2 ? StreamVersion::v2 : StreamVersion::v1;

  for (const auto [capability, properties_element] : capabilities) {
    JsonObject properties;
    if (properties_element.get(properties) != simdjson::SUCCESS) {
      return file_error(fmt::format("/data/{}", capability), "is not an object");
    }
    for (const auto [property, value] : properties) {
      state_->add_readings(capability, property, value);
    }
  }
  return &envelope;
}

std::string EnvelopeReader::reading_text(std::size_t index) const {
  return simdjson::minify(state_->property_objects.at(index));
}

}  // namespace autotape
