#include "mqtt/publish_properties.hpp"

#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <mqtt_protocol.h>

#include "core/text.hpp"

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

// MQTT 5 sections 1.5.4 and 1.5.6
constexpr std::size_t longest = 65'535;  // bytes

Result<void> check_text(std::string_view name, std::string_view text) {
  if (text.size() > longest || !is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return file_error({}, fmt::format("MQTT cannot publish the property {}", name),
                      "a text is at most 65,535 bytes of UTF-8 without U+0000");
  }
  return {};
}

// libmosquitto takes texts up to their first U+0000, and a size modulo 65,536.
Result<void> check_properties(const PublishProperties& properties) {
  AUTOTAPE_TRY(check_text("content_type", properties.content_type.value_or("")));
  AUTOTAPE_TRY(check_text("response_topic", properties.response_topic.value_or("")));
  for (const auto& [name, value] : properties.user_properties) {
    AUTOTAPE_TRY(check_text("user_properties", name));
    AUTOTAPE_TRY(check_text("user_properties", value));
  }
  if (properties.correlation_data && properties.correlation_data->size() > longest) {
    return file_error({}, "MQTT cannot publish the property correlation_data",
                      "it has at most 65,535 bytes");
  }
  return {};
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

Result<PropertyList> make_property_list(const std::optional<PublishProperties>& properties) {
  mosquitto_property* list = nullptr;
  if (!properties) {
    return PropertyList(list);
  }
  AUTOTAPE_TRY(check_properties(*properties));
  const auto add_text = [&](int identifier, const std::optional<std::string>& text) {
    return text ? mosquitto_property_add_string(&list, identifier, text->c_str()) : 0;
  };
  int code = 0;
  if (properties->payload_format_indicator) {
    code |= mosquitto_property_add_byte(&list, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR,
                                        *properties->payload_format_indicator);
  }
  if (properties->message_expiry_interval) {
    code |= mosquitto_property_add_int32(&list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                         *properties->message_expiry_interval);
  }
  code |= add_text(MQTT_PROP_CONTENT_TYPE, properties->content_type);
  code |= add_text(MQTT_PROP_RESPONSE_TOPIC, properties->response_topic);
  if (const auto& data = properties->correlation_data) {
    code |= mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA, data->data(),
                                          static_cast<std::uint16_t>(data->size()));
  }
  for (const auto& [name, value] : properties->user_properties) {
    code |= mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name.c_str(),
                                               value.c_str());
  }
  PropertyList made(list);
  if (code != 0) {
    return internal_error("libmosquitto does not take the properties of a message");
  }
  return made;
}

}  // namespace autotape
