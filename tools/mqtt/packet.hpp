// The MQTT packets that a connected subscriber receives and sends (MQTT 3.1.1 and 5, section 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "message/message.hpp"
#include "mqtt/client_settings.hpp"

namespace autotape {

// Pairs a request with its answer within one connection; 1 to 65,535.
using PacketId = std::uint16_t;

enum class PacketType : std::uint8_t {
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  suback = 9,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
};

// A packet where it was received.
struct PacketView {
  PacketType type{};
  std::uint8_t flags = 0;  // the lower half of its first byte
  std::string_view body;   // variable header and payload
};

// Takes the packet at the front of `bytes` off; nothing if they do not hold all of it. The error,
// for what is no packet, has neither `where` nor advice.
Result<std::optional<PacketView>> take_packet(std::string_view& bytes);

struct PublishPacket {
  Message message;
  PacketId id = 0;  // not for QoS 0
};

// Nothing for what does not follow the standard, so that all texts are UTF-8 without U+0000. Left
// out are properties that belong to one connection (topic alias, subscription identifier), and
// values that the standard does not allow but Mosquitto forwards: a payload format indicator beyond
// 1, a response topic that is none.
std::optional<PublishPacket> read_publish(const PacketView& packet, MqttVersion version);

struct SubackPacket {
  PacketId id = 0;
  // For the first filter: the QoS that is granted, or from 0x80 a refusal.
  std::uint8_t code = 0x80;
};
std::optional<SubackPacket> read_suback(const PacketView& packet, MqttVersion version);

// Of MQTT 5's DISCONNECT; 0, a normal end, where it gives none.
std::uint8_t read_disconnect_reason(const PacketView& packet);

// Of PUBREL, and all others that begin with one.
std::optional<PacketId> read_packet_id(const PacketView& packet);

// PUBACK, PUBREC or PUBCOMP, with success for a reason.
void append_acknowledgement(std::string& out, PacketType type, PacketId id);
void append_pingreq(std::string& out);

}  // namespace autotape
