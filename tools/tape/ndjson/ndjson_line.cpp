#include "tape/ndjson/ndjson_line.hpp"

#include <array>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/write.hpp"

namespace autotape {
namespace {

// Text for people; bytes of it that are not UTF-8 are written as \xFF.
void append_text_member(std::string& out, std::string_view key, std::string_view value) {
  out += ',';
  append_json_string(out, key);
  out += ':';
  append_json_string(out, is_utf8(value) ? value : printable(value, value.size() * 4));
}

void append_nonempty_member(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    append_text_member(out, key, value);
  }
}

void append_bytes_member(std::string& out, std::string_view key, std::string_view bytes) {
  out += ",\"";
  out += key;
  if (is_utf8(bytes)) {
    out += "\":";
    append_json_string(out, bytes);
  } else {
    out += "_base64\":\"";
    out += encode_base64(bytes);
    out += '"';
  }
}

// MQTT 5 requires UTF-8 of all but the correlation data.
void append_properties(std::string& out, const PublishProperties& properties) {
  std::string members;
  if (properties.payload_format_indicator) {
    members +=
        fmt::format(",\"payload_format_indicator\":{}", *properties.payload_format_indicator);
  }
  if (properties.message_expiry_interval) {
    members += fmt::format(",\"message_expiry_interval\":{}", *properties.message_expiry_interval);
  }
  if (properties.content_type) {
    append_text_member(members, "content_type", *properties.content_type);
  }
  if (properties.response_topic) {
    append_text_member(members, "response_topic", *properties.response_topic);
  }
  if (properties.correlation_data) {
    append_bytes_member(members, "correlation_data", *properties.correlation_data);
  }
  if (!properties.user_properties.empty()) {
    members += ",\"user_properties\":[";
    for (const auto& [name, value] : properties.user_properties) {
      members += members.back() == '[' ? "[" : ",[";
      append_json_string(members, is_utf8(name) ? name : printable(name, name.size() * 4));
      members += ',';
      append_json_string(members, is_utf8(value) ? value : printable(value, value.size() * 4));
      members += ']';
    }
    members += ']';
  }
  out += ",\"properties\":{";
  out.append(members, members.empty() ? 0 : 1);
  out += '}';
}

Error wrong_member(std::string_view key, std::string_view expected) {
  return file_error(fmt::format("/{}", key), fmt::format("must be {}", expected));
}

// A member that may be absent, but not of another kind.
template <typename Value>
Result<std::optional<Value>> optional_member(const JsonObject& object, std::string_view key,
                                             std::string_view expected) {
  Value value;
  const auto code = object[key].get(value);
  if (code == simdjson::NO_SUCH_FIELD) {
    return std::optional<Value>();
  }
  if (code != simdjson::SUCCESS) {
    return wrong_member(key, expected);
  }
  return std::optional(value);
}

template <typename Number>
Result<std::optional<Number>> number_member(const JsonObject& object, std::string_view key,
                                            std::uint64_t most) {
  const auto value = optional_member<std::uint64_t>(object, key, "");
  if (!value || (*value && **value > most)) {
    return wrong_member(key, fmt::format("a whole number from 0 to {}", most));
  }
  return *value ? std::optional(static_cast<Number>(**value)) : std::nullopt;
}

Result<bool> flag_member(const JsonObject& object, std::string_view key) {
  AUTOTAPE_TRY_ASSIGN(const auto value, optional_member<bool>(object, key, "true or false"));
  return value.value_or(false);
}

Result<std::optional<std::string>> text_member(const JsonObject& object, std::string_view key) {
  AUTOTAPE_TRY_ASSIGN(const auto text, optional_member<std::string_view>(object, key, "a string"));
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

// Puts the bytes of `key`, or of `key`_base64, into `target`, whose memory is used again; false if
// the line has neither.
Result<bool> read_bytes_member(const JsonObject& line, std::string_view key, std::string& target) {
  AUTOTAPE_TRY_ASSIGN(const auto text, optional_member<std::string_view>(line, key, "a string"));
  if (text) {
    target.assign(*text);
    return true;
  }
  const std::string base64_key = fmt::format("{}_base64", key);
  AUTOTAPE_TRY_ASSIGN(const auto base64, text_member(line, base64_key));
  if (!base64) {
    return false;
  }
  auto bytes = decode_base64(*base64);
  if (!bytes) {
    return wrong_member(base64_key, "base 64 (RFC 4648 section 4)");
  }
  target = std::move(*bytes);
  return true;
}

// Nothing if the line has neither `key` nor `key`_base64.
Result<std::optional<std::string>> bytes_member(const JsonObject& line, std::string_view key) {
  std::string bytes;
  AUTOTAPE_TRY_ASSIGN(const bool found, read_bytes_member(line, key, bytes));
  return found ? std::optional(std::move(bytes)) : std::nullopt;
}

Result<PublishProperties> read_properties(const JsonObject& object) {
  PublishProperties properties;
  AUTOTAPE_TRY_ASSIGN(properties.payload_format_indicator,
                      number_member<std::uint8_t>(object, "payload_format_indicator", 1));
  AUTOTAPE_TRY_ASSIGN(properties.message_expiry_interval,
                      number_member<std::uint32_t>(object, "message_expiry_interval", UINT32_MAX));
  AUTOTAPE_TRY_ASSIGN(properties.content_type, text_member(object, "content_type"));
  AUTOTAPE_TRY_ASSIGN(properties.response_topic, text_member(object, "response_topic"));
  AUTOTAPE_TRY_ASSIGN(properties.correlation_data, bytes_member(object, "correlation_data"));

  AUTOTAPE_TRY_ASSIGN(const auto pairs,
                      optional_member<JsonArray>(object, "user_properties", "an array"));
  if (!pairs) {
    return properties;
  }
  for (const JsonElement pair : *pairs) {
    std::string_view name;
    std::string_view value;
    if (pair.at(0).get(name) != simdjson::SUCCESS || pair.at(1).get(value) != simdjson::SUCCESS) {
      return wrong_member("user_properties", "pairs of strings");
    }
    properties.user_properties.emplace_back(name, value);
  }
  return properties;
}

Result<ReceivedTime> time_member(const JsonObject& line, std::string_view key) {
  const auto text = string_member(line, key);
  const auto time = text ? parse_rfc3339_as<ReceivedClock>(*text) : std::nullopt;
  if (!time) {
    return wrong_member(key, "an RFC 3339 date-time");
  }
  return *time;
}

// Where each member of the header line goes; In the order of writing; `started` follows `tool`.
constexpr std::array<std::pair<std::string_view, std::string TapeHeader::*>, 10> header_members{{
    {"environment", &TapeHeader::environment},
    {"level", &TapeHeader::level},
    {"app_id", &TapeHeader::app_id},
    {"broker", &TapeHeader::broker},
    {"topic_filter", &TapeHeader::topic_filter},
    {"client_id", &TapeHeader::client_id},
    {"tool", &TapeHeader::tool},
    {"description", &TapeHeader::description},
    {"privacy", &TapeHeader::privacy},
    {"key_id", &TapeHeader::key_id},
}};

void set_header_member(TapeHeader& header, std::string_view key, const std::string& value) {
  for (const auto& [known, member] : header_members) {
    if (key == known) {
      header.*member = value;
      return;
    }
  }
  header.other.emplace_back(key, value);
}

}  // namespace

void append_header_line(std::string& out, const TapeHeader& header) {
  out += fmt::format("{{\"tape\":{}", ndjson_tape_version);
  for (const auto& [key, member] : header_members) {
    append_nonempty_member(out, key, header.*member);
    if (key == "tool" && header.started) {
      append_text_member(out, "started", format_rfc3339(header.started->time_since_epoch()));
    }
  }
  for (const auto& [key, value] : header.other) {
    append_text_member(out, key, value);
  }
  out += "}\n";
}

void append_publish_members(std::string& out, const Message& message) {
  append_bytes_member(out, "topic", message.topic);
  out +=
      fmt::format(",\"qos\":{},\"retain\":{},\"dup\":{}", message.qos, message.retain, message.dup);
  if (message.properties) {
    append_properties(out, *message.properties);
  }
}

void append_message_line(std::string& out, const RecordedMessage& recorded) {
  out += "{\"received\":\"";
  out += format_rfc3339(recorded.received.time_since_epoch());
  out += '"';
  append_publish_members(out, recorded.message);
  append_bytes_member(out, "payload", recorded.message.payload);
  out += "}\n";
}

void append_marker_line(std::string& out, const Marker& marker) {
  out += fmt::format("{{\"marker\":\"{}\",\"at\":\"{}\"", name_of(marker.kind),
                     format_rfc3339(marker.at.time_since_epoch()));
  append_nonempty_member(out, "detail", marker.detail);
  out += "}\n";
}

Result<TapeHeader> read_header_line(const JsonObject& line) {
  if (integer_member(line, "tape") != ndjson_tape_version) {
    return file_error("/tape", fmt::format("is no version that this program reads (it reads {})",
                                           ndjson_tape_version));
  }
  TapeHeader header;
  for (const auto [key, value] : line) {
    if (key == "started") {
      AUTOTAPE_TRY_ASSIGN(header.started, time_member(line, "started"));
    } else if (key != "tape") {
      AUTOTAPE_TRY_ASSIGN(const auto text, text_member(line, key));
      set_header_member(header, key, *text);
    }
  }
  return header;
}

Result<void> read_publish_members(const JsonObject& line, Message& into) {
  AUTOTAPE_TRY_ASSIGN(const bool has_topic, read_bytes_member(line, "topic", into.topic));
  if (!has_topic) {
    return wrong_member("topic", "a string");
  }
  AUTOTAPE_TRY_ASSIGN(const auto qos, number_member<std::uint8_t>(line, "qos", 2));
  into.qos = qos.value_or(1);
  AUTOTAPE_TRY_ASSIGN(into.retain, flag_member(line, "retain"));
  AUTOTAPE_TRY_ASSIGN(into.dup, flag_member(line, "dup"));

  into.properties.reset();
  AUTOTAPE_TRY_ASSIGN(const auto properties,
                      optional_member<JsonObject>(line, "properties", "an object"));
  if (properties) {
    AUTOTAPE_TRY_ASSIGN(into.properties, read_properties(*properties));
  }
  return {};
}

Result<void> read_message_line(const JsonObject& line, RecordedMessage& into) {
  if (line["tape"].error() == simdjson::SUCCESS) {
    return file_error({}, "is a second header", "join tapes with: autotape tape merge");
  }
  AUTOTAPE_TRY_ASSIGN(into.received, time_member(line, "received"));
  AUTOTAPE_TRY(read_publish_members(line, into.message));
  AUTOTAPE_TRY_ASSIGN(const bool has_payload,
                      read_bytes_member(line, "payload", into.message.payload));
  if (!has_payload) {
    return file_error({}, "has neither payload nor payload_base64");
  }
  return {};
}

Result<void> read_marker_line(const JsonObject& line, Marker& into) {
  const auto kind = marker_kind_of(string_member(line, "marker").value_or(""));
  if (!kind) {
    return wrong_member("marker", "a known marker");
  }
  into.kind = *kind;
  AUTOTAPE_TRY_ASSIGN(into.at, time_member(line, "at"));
  AUTOTAPE_TRY_ASSIGN(const auto detail, text_member(line, "detail"));
  into.detail = detail.value_or("");
  return {};
}

}  // namespace autotape
