#include "message/envelope.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "core/hash.hpp"
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

// Recursion ends at max_json_depth.
std::uint64_t hash_of_value(JsonElement value) {
  const auto type = static_cast<std::uint64_t>(value.type());
  switch (value.type()) {
    case simdjson::dom::element_type::OBJECT: {
      std::uint64_t hash = type;
      for (const auto [name, member] : JsonObject(value)) {
        hash = combine_hashes(combine_hashes(hash, hash_of(name)), hash_of_value(member));
      }
      return hash;
    }
    case simdjson::dom::element_type::ARRAY: {
      std::uint64_t hash = type;
      for (const JsonElement item : JsonArray(value)) {
        hash = combine_hashes(hash, hash_of_value(item));
      }
      return hash;
    }
    case simdjson::dom::element_type::STRING:
      return combine_hashes(type, hash_of(std::string_view(value)));
    case simdjson::dom::element_type::DOUBLE:
      return combine_hashes(type, std::bit_cast<std::uint64_t>(double(value)));
    case simdjson::dom::element_type::INT64:
      return combine_hashes(type, static_cast<std::uint64_t>(std::int64_t(value)));
    case simdjson::dom::element_type::UINT64:
      return combine_hashes(type, std::uint64_t(value));
    case simdjson::dom::element_type::BOOL:
      return combine_hashes(type, bool(value) ? 1 : 0);
    case simdjson::dom::element_type::NULL_VALUE:
      return type;
  }
  return type;
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

bool EnvelopeReader::is_unreadable(std::size_t index) const {
  JsonObject property_object;
  JsonElement timestamp;
  return !state_->envelope.readings.at(index).timestamp &&
         (state_->property_objects.at(index).get(property_object) != simdjson::SUCCESS ||
          property_object["timestamp"].get(timestamp) == simdjson::SUCCESS);
}

std::uint64_t EnvelopeReader::reading_hash(std::size_t index) const {
  return hash_of_value(state_->property_objects.at(index));
}

}  // namespace autotape
