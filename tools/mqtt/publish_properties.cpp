#include "mqtt/publish_properties.hpp"

#include <cstdlib>
#include <string>

#include <mqtt_protocol.h>

namespace autotape {
namespace {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};
template <typename T>
using Allocated = std::unique_ptr<T, FreeMemory>;

std::optional<std::string> read_string(const mosquitto_property* list, int identifier) {
  char* text = nullptr;
  if (mosquitto_property_read_string(list, identifier, &text, false) == nullptr) {
    return std::nullopt;
  }
  const Allocated<char> owned(text);
  return std::string(text);
}

std::optional<std::string> read_binary(const mosquitto_property* list, int identifier) {
  void* bytes = nullptr;
  std::uint16_t size = 0;
  if (mosquitto_property_read_binary(list, identifier, &bytes, &size, false) == nullptr) {
    return std::nullopt;
  }
  const Allocated<void> owned(bytes);
  return std::string(static_cast<const char*>(bytes), size);
}

}  // namespace

PublishProperties read_publish_properties(const mosquitto_property* list) {
  PublishProperties properties;
  std::uint8_t format = 0;
  if (mosquitto_property_read_byte(list, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, &format, false) !=
      nullptr) {
    properties.payload_format_indicator = format;
  }
  std::uint32_t expiry = 0;
  if (mosquitto_property_read_int32(list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &expiry, false) !=
      nullptr) {
    properties.message_expiry_interval = expiry;
  }
  properties.content_type = read_string(list, MQTT_PROP_CONTENT_TYPE);
  properties.response_topic = read_string(list, MQTT_PROP_RESPONSE_TOPIC);
  properties.correlation_data = read_binary(list, MQTT_PROP_CORRELATION_DATA);

  bool skip_first = false;
  const mosquitto_property* at = list;
  char* name = nullptr;
  char* value = nullptr;
  while ((at = mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value,
                                                   skip_first)) != nullptr) {
    const Allocated<char> owned_name(name);
    const Allocated<char> owned_value(value);
    properties.user_properties.emplace_back(name, value);
    skip_first = true;
  }
  return properties;
}

PropertyList make_property_list(const std::optional<PublishProperties>& properties) {
  mosquitto_property* list = nullptr;
  if (!properties) {
    return PropertyList(list);
  }
  if (properties->payload_format_indicator) {
    mosquitto_property_add_byte(&list, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR,
                                *properties->payload_format_indicator);
  }
  if (properties->message_expiry_interval) {
    mosquitto_property_add_int32(&list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                 *properties->message_expiry_interval);
  }
  if (properties->content_type) {
    mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, properties->content_type->c_str());
  }
  if (properties->response_topic) {
    mosquitto_property_add_string(&list, MQTT_PROP_RESPONSE_TOPIC,
                                  properties->response_topic->c_str());
  }
  if (properties->correlation_data) {
    mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA,
                                  properties->correlation_data->data(),
                                  static_cast<std::uint16_t>(properties->correlation_data->size()));
  }
  for (const auto& [name, value] : properties->user_properties) {
    mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name.c_str(), value.c_str());
  }
  return PropertyList(list);
}

}  // namespace autotape
