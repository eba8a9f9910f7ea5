#include "tape/edit/message_filter.hpp"

#include <algorithm>

#include "message/topic_filter.hpp"

namespace autotape {
namespace {

bool any_matches(const std::vector<std::string>& filters, std::string_view topic) {
  return std::any_of(filters.begin(), filters.end(),
                     [&](const std::string& filter) { return topic_matches(filter, topic); });
}

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// Is `name` the property, with or without its capability before it?
bool names_property(std::string_view name, std::string_view capability, std::string_view property) {
  return name == property ||
         (name.size() == capability.size() + 1 + property.size() && name.starts_with(capability) &&
          name[capability.size()] == '.' && name.ends_with(property));
}

}  // namespace

bool MessageFilter::wants(const RecordedMessage& message) {
  return in_time(message.received) && wants_topic(message.message.topic) &&
         (!asks_for_readings() || wants_readings_of(message.message));
}

bool MessageFilter::in_time(ReceivedTime time) const {
  return (!conditions_.from || time >= *conditions_.from) &&
         (!conditions_.until || time < *conditions_.until);
}

bool MessageFilter::wants_topic(std::string_view topic) const {
  return (conditions_.include.empty() || any_matches(conditions_.include, topic)) &&
         !any_matches(conditions_.exclude, topic);
}

bool MessageFilter::asks_for_readings() const {
  return !conditions_.cars.empty() || !conditions_.capabilities.empty() ||
         !conditions_.properties.empty();
}

bool MessageFilter::wants_reading(std::string_view capability, std::string_view property) const {
  const auto& properties = conditions_.properties;
  return is_among(conditions_.capabilities, capability) &&
         (properties.empty() ||
          std::any_of(properties.begin(), properties.end(), [&](const auto& name) {
            return names_property(name, capability, property);
          }));
}

// By the payload; by the topic where the payload cannot be read.
bool MessageFilter::wants_readings_of(const Message& message) {
  if (const auto read = reader_.read(message.payload)) {
    const Envelope& envelope = **read;
    return is_among(conditions_.cars, envelope.vin) &&
           ((conditions_.capabilities.empty() && conditions_.properties.empty()) ||
            std::any_of(envelope.readings.begin(), envelope.readings.end(),
                        [&](const Reading& reading) {
                          return wants_reading(reading.capability, reading.property);
                        }));
  }
  const auto topic = parse_v1_topic(message.topic);
  return topic && is_among(conditions_.cars, topic->vin) &&
         wants_reading(topic->capability, topic->property);
}

}  // namespace autotape
