// An MQTT publish as it was seen, byte for byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hpp"

namespace autotape {

// The properties of an MQTT 5 PUBLISH that travel from publisher to subscriber (MQTT 5
// section 3.3.2.3).
struct PublishProperties {
  std::optional<std::uint8_t> payload_format_indicator;
  std::optional<std::uint32_t> message_expiry_interval;  // seconds
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<std::string> correlation_data;
  std::vector<std::pair<std::string, std::string>> user_properties;  // in order, names may repeat

  bool operator==(const PublishProperties&) const = default;
};

struct Message {
  std::string topic;
  std::string payload;  // any bytes
  std::uint8_t qos = 1;
  bool retain = false;
  bool dup = false;  // set by a broker that delivers again after a lost connection
  std::optional<PublishProperties> properties;  // absent for MQTT 3.1.1

  bool operator==(const Message&) const = default;
};

struct RecordedMessage {
  ReceivedTime received;
  Message message;

  bool operator==(const RecordedMessage&) const = default;
};

}  // namespace autotape
