#include "mqtt/packet.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

std::string_view bytes(const std::string& text) {
  return text;
}

// A packet with this first byte and body.
std::string packet(unsigned first, const std::string& body) {
  std::string out(1, static_cast<char>(first));
  std::size_t length = body.size();
  do {
    const std::size_t low = length % 128;
    length /= 128;
    out += static_cast<char>(length > 0 ? low | 0x80U : low);
  } while (length > 0);
  return out + body;
}

std::optional<PublishPacket> read(unsigned first, const std::string& body,
                                  MqttVersion version = MqttVersion::v3_1_1) {
  const std::string whole = packet(first, body);
  std::string_view rest = whole;
  const auto taken = take_packet(rest);
  REQUIRE(taken.ok());
  REQUIRE(taken->has_value());
  return read_publish(**taken, version);
}

const std::string topic_ab("\0\3a/b", 5);

}  // namespace

TEST_CASE("A packet is taken when all of it is there, and not a byte before") {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 70'000U}) {
    const std::string whole = packet(0x30, std::string(size, 'x'));
    std::string_view rest = whole;
    for (const std::size_t cut :
         {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
      if (cut < whole.size()) {
        rest = std::string_view(whole).substr(0, cut);
        const auto nothing = take_packet(rest);
        REQUIRE(nothing.ok());
        CHECK_FALSE(nothing->has_value());
        CHECK(rest.size() == cut);
      }
    }
    const std::string two = whole + packet(0xD0, "");
    rest = two;
    const auto first = take_packet(rest);
    REQUIRE((first.ok() && first->has_value()));
    CHECK((*first)->type == PacketType::publish);
    CHECK((*first)->body.size() == size);
    const auto second = take_packet(rest);
    REQUIRE((second.ok() && second->has_value()));
    CHECK((*second)->type == PacketType::pingresp);
    CHECK(rest.empty());
  }
}

TEST_CASE("A length of five bytes is no packet") {
  const std::string wrong("\x30\xFF\xFF\xFF\xFF\x01", 6);
  std::string_view rest = wrong;
  CHECK_FALSE(take_packet(rest).ok());
}

TEST_CASE("A PUBLISH says topic, payload, QoS, retain and DUP") {
  const auto plain = read(0x30, topic_ab + std::string("\0\xFF", 2));
  REQUIRE(plain);
  CHECK(plain->message == Message{"a/b", std::string("\0\xFF", 2), 0, false, false, {}});

  const auto again = read(0x3B, topic_ab + "\x01\x02payload");
  REQUIRE(again);
  CHECK(again->id == 0x102);
  CHECK(again->message == Message{"a/b", "payload", 1, true, true, {}});

  const auto empty = read(0x34, topic_ab + std::string("\0\7", 2));
  REQUIRE(empty);
  CHECK(empty->message == Message{"a/b", "", 2, false, false, {}});
}

TEST_CASE("The properties of an MQTT 5 PUBLISH that travel with it are read") {
  const std::string properties =
      std::string("\x01\x01\x02\0\0\x0E\x10\x03\0\4text\x08\0\1r\x09\0\2\0\xFE", 23) +
      std::string("\x0B\x81\x01\x26\0\1k\0\1v\x26\0\1k\0\0", 16) + std::string("\x23\0\5", 3);
  const auto read_back = read(0x32,
                              topic_ab + std::string("\0\1", 2) +
                                  static_cast<char>(properties.size()) + properties + "body",
                              MqttVersion::v5);
  REQUIRE(read_back);
  PublishProperties expected;
  expected.payload_format_indicator = std::uint8_t{1};
  expected.message_expiry_interval = 3600U;
  expected.content_type = "text";
  expected.response_topic = "r";
  expected.correlation_data = std::string("\0\xFE", 2);
  expected.user_properties = {{"k", "v"}, {"k", ""}};
  CHECK(read_back->message.properties == expected);
  CHECK(read_back->message.payload == "body");

  const auto none = read(0x32, topic_ab + std::string("\0\1\0", 3), MqttVersion::v5);
  REQUIRE(none);
  CHECK(none->message.properties == PublishProperties{});
}

TEST_CASE("What does not follow the standard is no PUBLISH") {
  CHECK_FALSE(read(0x30, ""));
  CHECK_FALSE(read(0x30, std::string("\0\4a/b", 5)));               // the topic is longer
  CHECK_FALSE(read(0x32, topic_ab));                                // no packet id
  CHECK_FALSE(read(0x32, topic_ab + std::string("\0\0", 2)));       // packet id 0
  CHECK_FALSE(read(0x36, topic_ab + std::string("\0\1", 2)));       // QoS 3
  CHECK_FALSE(read(0x30, topic_ab + "\x05\x01", MqttVersion::v5));  // properties are longer
  CHECK_FALSE(read(0x30, topic_ab + "\x02\x7F\x01", MqttVersion::v5));
  CHECK_FALSE(read(0x30, topic_ab + std::string("\2\x03\0", 3), MqttVersion::v5));
  CHECK_FALSE(read(0x30, std::string("\0\0", 2)));                    // no topic
  CHECK_FALSE(read(0x30, std::string("\0\3a/#", 5)));                 // a filter
  CHECK_FALSE(read(0x30, std::string("\0\3a\0b", 5)));                // U+0000
  CHECK_FALSE(read(0x30, std::string("\0\3a/\xFF", 5)));              // no UTF-8
  CHECK_FALSE(read(0x30, topic_ab + "\4\1\1\1\1", MqttVersion::v5));  // a property comes twice
  CHECK_FALSE(read(0x30, topic_ab + std::string("\7\x26\0\1k\0\1\xFF", 8), MqttVersion::v5));
}

TEST_CASE("A property's value that MQTT does not allow, but Mosquitto forwards, is left out") {
  const auto properties = [](const std::string& bytes) {
    const auto publish = read(0x30, topic_ab + bytes + "x", MqttVersion::v5);
    REQUIRE(publish);
    CHECK(publish->message.payload == "x");
    return *publish->message.properties;
  };
  CHECK(properties("\2\1\1").payload_format_indicator == 1);
  CHECK_FALSE(properties("\2\1\2").payload_format_indicator);
  CHECK(properties(std::string("\4\x08\0\1a", 5)).response_topic == "a");
  CHECK_FALSE(properties(std::string("\4\x08\0\1#", 5)).response_topic);
  CHECK_FALSE(properties(std::string("\3\x08\0\0", 4)).response_topic);
}

TEST_CASE("A SUBACK says which request it answers, and whether the filter was granted") {
  const auto suback = [](const std::string& body, MqttVersion version) {
    return read_suback({PacketType::suback, 0, bytes(body)}, version);
  };
  const auto granted = suback(std::string("\0\5\1", 3), MqttVersion::v3_1_1);
  REQUIRE(granted);
  CHECK(granted->id == 5);
  CHECK(granted->code == 1);
  CHECK(suback(std::string("\0\5\x80", 3), MqttVersion::v3_1_1)->code == 0x80);
  CHECK(suback(std::string("\0\5\0\x87", 4), MqttVersion::v5)->code == 0x87);
  CHECK_FALSE(suback("\5", MqttVersion::v3_1_1));
}

TEST_CASE("A DISCONNECT says why, or is a normal end") {
  CHECK(read_disconnect_reason({PacketType::disconnect, 0, "\x8E"}) == 0x8E);
  CHECK(read_disconnect_reason({PacketType::disconnect, 0, ""}) == 0);
}

TEST_CASE("Acknowledgements are four bytes") {
  std::string out;
  append_acknowledgement(out, PacketType::puback, 0x1234);
  append_acknowledgement(out, PacketType::pubcomp, 7);
  append_pingreq(out);
  CHECK(out == std::string("\x40\x02\x12\x34\x70\x02\0\7\xC0\0", 10));
}
