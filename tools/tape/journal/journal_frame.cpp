#include "tape/journal/journal_frame.hpp"

#include <bit>
#include <cstring>

#include <zlib.h>

namespace autotape {
namespace {

static_assert(std::endian::native == std::endian::little, "integers are copied as they are");

constexpr std::size_t frame_head = 8;  // length and CRC

enum Flag : std::uint8_t { flag_qos = 3, flag_retain = 4, flag_dup = 8, flag_properties = 16 };
enum PropertyFlag : std::uint8_t {
  property_format = 1,
  property_expiry = 2,
  property_content_type = 4,
  property_response_topic = 8,
  property_correlation = 16,
};

template <typename Integer>
void put(std::string& out, Integer value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Takes values off the front of a body; `ok` is false from the first that is not there.
struct Body {
  std::string_view rest;
  bool ok = true;

  template <typename Integer>
  Integer take() {
    Integer value{};
    ok = ok && rest.size() >= sizeof value;
    if (ok) {
      std::memcpy(&value, rest.data(), sizeof value);
      rest.remove_prefix(sizeof value);
    }
    return value;
  }

  std::string_view take_text() {
    const auto size = take<std::uint32_t>();
    ok = ok && rest.size() >= size;
    if (!ok) {
      return {};
    }
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  }
};

std::uint32_t checksum(std::uint64_t generation, std::string_view body) {
  std::string head;
  put(head, generation);
  put(head, static_cast<std::uint32_t>(body.size()));
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const Bytef*>(text.data());
  };
  const uLong crc = ::crc32_z(0, bytes(head), head.size());
  return static_cast<std::uint32_t>(::crc32_z(crc, bytes(body), body.size()));
}

void put_properties(std::string& out, const PublishProperties& properties) {
  const auto flag = [](bool present, PropertyFlag bit) {
    return present ? static_cast<unsigned>(bit) : 0U;
  };
  put(out, static_cast<std::uint8_t>(
               flag(properties.payload_format_indicator.has_value(), property_format) |
               flag(properties.message_expiry_interval.has_value(), property_expiry) |
               flag(properties.content_type.has_value(), property_content_type) |
               flag(properties.response_topic.has_value(), property_response_topic) |
               flag(properties.correlation_data.has_value(), property_correlation)));
  put(out, properties.payload_format_indicator.value_or(0));
  put(out, properties.message_expiry_interval.value_or(0));
  put_text(out, properties.content_type.value_or(""));
  put_text(out, properties.response_topic.value_or(""));
  put_text(out, properties.correlation_data.value_or(""));
  put(out, static_cast<std::uint32_t>(properties.user_properties.size()));
  for (const auto& [name, value] : properties.user_properties) {
    put_text(out, name);
    put_text(out, value);
  }
}

PublishProperties take_properties(Body& body) {
  PublishProperties properties;
  const auto flags = body.take<std::uint8_t>();
  const auto format = body.take<std::uint8_t>();
  const auto expiry = body.take<std::uint32_t>();
  const auto text_if = [&](PropertyFlag bit) {
    const std::string_view text = body.take_text();
    return (flags & bit) != 0 ? std::optional<std::string>(text) : std::nullopt;
  };
  if ((flags & property_format) != 0) {
    properties.payload_format_indicator = format;
  }
  if ((flags & property_expiry) != 0) {
    properties.message_expiry_interval = expiry;
  }
  properties.content_type = text_if(property_content_type);
  properties.response_topic = text_if(property_response_topic);
  properties.correlation_data = text_if(property_correlation);
  for (auto count = body.take<std::uint32_t>(); count > 0 && body.ok; --count) {
    const std::string_view name = body.take_text();
    properties.user_properties.emplace_back(name, body.take_text());
  }
  return properties;
}

void take_message(Body& body, RecordedMessage& into) {
  into.received = ReceivedTime(Duration(body.take<std::int64_t>()));
  const auto flags = body.take<std::uint8_t>();
  into.message.qos = flags & flag_qos;
  into.message.retain = (flags & flag_retain) != 0;
  into.message.dup = (flags & flag_dup) != 0;
  into.message.topic = body.take_text();
  into.message.payload = body.take_text();
  into.message.properties.reset();
  if ((flags & flag_properties) != 0) {
    into.message.properties = take_properties(body);
  }
}

void take_marker(Body& body, Marker& into) {
  into.at = ReceivedTime(Duration(body.take<std::int64_t>()));
  into.kind = static_cast<MarkerKind>(body.take<std::uint8_t>());
  into.detail = body.take_text();
}

// Reserves the head of a frame, and fills it when the body is there.
class FrameInWork {
 public:
  FrameInWork(std::string& out, std::uint64_t generation)
      : out_(out), generation_(generation), begin_(out.size()) {
    out_.append(frame_head, '\0');
  }

  void finish() {
    const std::string_view body = std::string_view(out_).substr(begin_ + frame_head);
    const auto size = static_cast<std::uint32_t>(body.size());
    const std::uint32_t crc = checksum(generation_, body);
    std::memcpy(out_.data() + begin_, &size, sizeof size);
    std::memcpy(out_.data() + begin_ + sizeof size, &crc, sizeof crc);
  }

 private:
  std::string& out_;
  std::uint64_t generation_;
  std::size_t begin_;
};

}  // namespace

void append_message_frame(std::string& out, std::uint64_t generation,
                          const RecordedMessage& recorded) {
  FrameInWork frame(out, generation);
  const Message& message = recorded.message;
  out += 'M';
  put(out, recorded.received.time_since_epoch().count());
  put(out, static_cast<std::uint8_t>(message.qos | (message.retain ? flag_retain : 0) |
                                     (message.dup ? flag_dup : 0) |
                                     (message.properties ? flag_properties : 0)));
  put_text(out, message.topic);
  put_text(out, message.payload);
  if (message.properties) {
    put_properties(out, *message.properties);
  }
  frame.finish();
}

void append_marker_frame(std::string& out, std::uint64_t generation, const Marker& marker) {
  FrameInWork frame(out, generation);
  out += 'K';
  put(out, marker.at.time_since_epoch().count());
  put(out, static_cast<std::uint8_t>(marker.kind));
  put_text(out, marker.detail);
  frame.finish();
}

std::optional<TapeRecord> take_frame(std::string_view& bytes, std::uint64_t generation,
                                     RecordedMessage& message, Marker& marker) {
  Body head{bytes};
  const auto size = head.take<std::uint32_t>();
  const auto crc = head.take<std::uint32_t>();
  if (!head.ok || head.rest.size() < size ||
      crc != checksum(generation, head.rest.substr(0, size))) {
    return std::nullopt;
  }
  Body body{head.rest.substr(0, size)};
  const char kind = body.take<char>();
  if (kind == 'M') {
    take_message(body, message);
  } else if (kind == 'K') {
    take_marker(body, marker);
  }
  if (!body.ok || (kind != 'M' && kind != 'K')) {
    return std::nullopt;
  }
  bytes.remove_prefix(frame_head + size);
  return kind == 'M' ? TapeRecord::message : TapeRecord::marker;
}

}  // namespace autotape
