#include "mqtt/packet.hpp"

#include <bitset>

#include "core/text.hpp"

namespace autotape {
namespace {

// Takes fields off the front of a packet; `ok` is false from the first that is not there.
struct Fields {
  std::string_view rest;
  bool ok = true;

  std::string_view bytes(std::size_t count) {
    ok = ok && rest.size() >= count;
    const std::string_view taken = ok ? rest.substr(0, count) : std::string_view();
    rest.remove_prefix(taken.size());
    return taken;
  }

  std::uint32_t integer(std::size_t size) {  // big-endian, as all of MQTT
    std::uint32_t value = 0;
    for (const char byte : bytes(size)) {
      value = value << 8U | static_cast<unsigned char>(byte);
    }
    return value;
  }

  std::string_view binary() { return bytes(integer(2)); }

  // MQTT 5 section 1.5.4, MQTT 3.1.1 section 1.5.3
  std::string_view text() {
    const std::string_view taken = binary();
    ok = ok && is_utf8(taken) && taken.find('\0') == std::string_view::npos;
    return taken;
  }

  // MQTT 5 section 1.5.5
  std::uint32_t variable_integer() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const std::uint32_t byte = integer(1);
      value |= (byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) {
        return value;
      }
    }
    ok = false;
    return value;
  }
};

// MQTT 3.1.1 section 4.7.1.1
bool is_topic_name(std::string_view text) {
  return !text.empty() && text.find_first_of("+#") == std::string_view::npos;
}

// MQTT 5 section 2.2.2.2
enum class Property : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  topic_alias = 0x23,
  user_property = 0x26,
};

std::optional<PublishProperties> read_properties(std::string_view bytes) {
  PublishProperties properties;
  Fields fields{bytes};
  std::bitset<256> seen;
  while (fields.ok && !fields.rest.empty()) {
    const auto property = static_cast<Property>(fields.integer(1));
    const auto number = static_cast<std::size_t>(property);
    const bool may_repeat =
        property == Property::user_property || property == Property::subscription_identifier;
    if (seen.test(number) && !may_repeat) {
      return std::nullopt;
    }
    seen.set(number);
    switch (property) {
      case Property::payload_format_indicator:
        if (const std::uint32_t format = fields.integer(1); format <= 1) {
          properties.payload_format_indicator = static_cast<std::uint8_t>(format);
        }
        break;
      case Property::message_expiry_interval:
        properties.message_expiry_interval = fields.integer(4);
        break;
      case Property::content_type:
        properties.content_type = fields.text();
        break;
      case Property::response_topic:
        if (const std::string_view topic = fields.text(); is_topic_name(topic)) {
          properties.response_topic = topic;
        }
        break;
      case Property::correlation_data:
        properties.correlation_data = fields.binary();
        break;
      case Property::subscription_identifier:
        fields.variable_integer();
        break;
      case Property::topic_alias:
        fields.integer(2);
        break;
      case Property::user_property: {
        const std::string_view name = fields.text();
        properties.user_properties.emplace_back(name, fields.text());
        break;
      }
      default:
        return std::nullopt;
    }
  }
  return fields.ok ? std::optional(std::move(properties)) : std::nullopt;
}

}  // namespace

Result<std::optional<PacketView>> take_packet(std::string_view& bytes) {
  constexpr std::size_t longest_head = 5;
  Fields fields{bytes};
  const std::uint32_t first = fields.integer(1);
  const std::uint32_t length = fields.variable_integer();
  if (!fields.ok) {
    if (bytes.size() < longest_head) {
      return std::optional<PacketView>();
    }
    return connection_error({}, "a packet has no length that MQTT allows");
  }
  if (fields.rest.size() < length) {
    return std::optional<PacketView>();
  }
  const PacketView packet{static_cast<PacketType>(first >> 4U),
                          static_cast<std::uint8_t>(first & 0xFU), fields.bytes(length)};
  bytes = fields.rest;
  return std::optional(packet);
}

std::optional<PublishPacket> read_publish(const PacketView& packet, MqttVersion version) {
  PublishPacket publish;
  Message& message = publish.message;
  message.retain = (packet.flags & 1U) != 0;
  message.qos = static_cast<std::uint8_t>(packet.flags >> 1U & 3U);
  message.dup = (packet.flags & 8U) != 0;
  Fields fields{packet.body};
  message.topic = fields.text();
  publish.id = message.qos > 0 ? static_cast<PacketId>(fields.integer(2)) : PacketId{0};
  if (version == MqttVersion::v5) {
    const std::string_view properties = fields.bytes(fields.variable_integer());
    message.properties = read_properties(properties);
  }
  message.payload = fields.rest;
  const bool has_all = fields.ok && (version != MqttVersion::v5 || message.properties);
  const bool id_fits = (message.qos == 0) == (publish.id == 0);
  const bool sound = is_topic_name(message.topic) && id_fits && message.qos <= 2;
  return has_all && sound ? std::optional(std::move(publish)) : std::nullopt;
}

std::optional<SubackPacket> read_suback(const PacketView& packet, MqttVersion version) {
  Fields fields{packet.body};
  SubackPacket suback;
  suback.id = static_cast<PacketId>(fields.integer(2));
  if (version == MqttVersion::v5) {
    fields.bytes(fields.variable_integer());
  }
  suback.code = static_cast<std::uint8_t>(fields.integer(1));
  return fields.ok ? std::optional(suback) : std::nullopt;
}

std::uint8_t read_disconnect_reason(const PacketView& packet) {
  return packet.body.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(packet.body.front());
}

std::optional<PacketId> read_packet_id(const PacketView& packet) {
  Fields fields{packet.body};
  const auto id = static_cast<PacketId>(fields.integer(2));
  return fields.ok ? std::optional(id) : std::nullopt;
}

void append_acknowledgement(std::string& out, PacketType type, PacketId id) {
  out += static_cast<char>(static_cast<unsigned>(type) << 4U);
  out += '\x02';
  out += static_cast<char>(id >> 8U);
  out += static_cast<char>(id & 0xFFU);
}

void append_pingreq(std::string& out) {
  out += static_cast<char>(static_cast<unsigned>(PacketType::pingreq) << 4U);
  out += '\0';
}

}  // namespace autotape
