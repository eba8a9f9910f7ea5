#include "tape/ndjson/ndjson_line.hpp"

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/write.hpp"

namespace autotape {
namespace {

void append_member(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    out += fmt::format(",\"{}\":", key);
    append_json_string(out, value);
  }
}

void append_bytes_member(std::string& out, std::string_view key, std::string_view bytes) {
  if (is_utf8(bytes)) {
    out += fmt::format(",\"{}\":", key);
    append_json_string(out, bytes);
  } else {
    out += fmt::format(",\"{}_base64\":\"{}\"", key, encode_base64(bytes));
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
  append_member(members, "content_type", properties.content_type.value_or(""));
  append_member(members, "response_topic", properties.response_topic.value_or(""));
  if (properties.correlation_data) {
    append_bytes_member(members, "correlation_data", *properties.correlation_data);
  }
  if (!properties.user_properties.empty()) {
    members += ",\"user_properties\":[";
    for (const auto& [name, value] : properties.user_properties) {
      members += members.back() == '[' ? "[" : ",[";
      append_json_string(members, name);
      members += ',';
      append_json_string(members, value);
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

Result<bool> flag_member(const JsonObject& line, std::string_view key) {
  bool value = false;
  const auto code = line[key].get(value);
  if (code != simdjson::SUCCESS && code != simdjson::NO_SUCH_FIELD) {
    return wrong_member(key, "true or false");
  }
  return value;
}

// The bytes of `key`, or of `key`_base64; nothing if the line has neither.
Result<std::optional<std::string>> bytes_member(const JsonObject& line, std::string_view key) {
  if (const auto text = string_member(line, key)) {
    return std::optional(std::string(*text));
  }
  const std::string base64_key = fmt::format("{}_base64", key);
  if (const auto text = string_member(line, base64_key)) {
    auto bytes = decode_base64(*text);
    if (!bytes) {
      return wrong_member(base64_key, "base 64 (RFC 4648 section 4)");
    }
    return bytes;
  }
  return std::optional<std::string>();
}

std::optional<std::string> text_member(const JsonObject& object, std::string_view key) {
  const auto text = string_member(object, key);
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

Result<PublishProperties> read_properties(const JsonObject& object) {
  PublishProperties properties;
  if (const auto value = integer_member(object, "payload_format_indicator")) {
    properties.payload_format_indicator = static_cast<std::uint8_t>(*value);
  }
  if (const auto value = integer_member(object, "message_expiry_interval")) {
    properties.message_expiry_interval = static_cast<std::uint32_t>(*value);
  }
  properties.content_type = text_member(object, "content_type");
  properties.response_topic = text_member(object, "response_topic");
  AUTOTAPE_TRY_ASSIGN(properties.correlation_data, bytes_member(object, "correlation_data"));

  JsonArray pairs;
  if (object["user_properties"].get(pairs) == simdjson::SUCCESS) {
    for (const JsonElement pair : pairs) {
      std::string_view name;
      std::string_view value;
      if (pair.at(0).get(name) != simdjson::SUCCESS || pair.at(1).get(value) != simdjson::SUCCESS) {
        return wrong_member("properties/user_properties", "pairs of strings");
      }
      properties.user_properties.emplace_back(name, value);
    }
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

}  // namespace

void append_header_line(std::string& out, const TapeHeader& header) {
  out += fmt::format("{{\"tape\":{}", ndjson_tape_version);
  append_member(out, "environment", header.environment);
  append_member(out, "app_id", header.app_id);
  append_member(out, "broker", header.broker);
  append_member(out, "topic_filter", header.topic_filter);
  append_member(out, "client_id", header.client_id);
  append_member(out, "tool", header.tool);
  append_member(out, "started",
                header.started ? format_rfc3339(header.started->time_since_epoch()) : "");
  append_member(out, "description", header.description);
  out += "}\n";
}

void append_message_line(std::string& out, const RecordedMessage& recorded) {
  const Message& message = recorded.message;
  out += "{\"received\":\"";
  out += format_rfc3339(recorded.received.time_since_epoch());
  out += '"';
  append_bytes_member(out, "topic", message.topic);
  out +=
      fmt::format(",\"qos\":{},\"retain\":{},\"dup\":{}", message.qos, message.retain, message.dup);
  if (message.properties) {
    append_properties(out, *message.properties);
  }
  append_bytes_member(out, "payload", message.payload);
  out += "}\n";
}

void append_marker_line(std::string& out, const Marker& marker) {
  out += fmt::format("{{\"marker\":\"{}\",\"at\":\"{}\"", name_of(marker.kind),
                     format_rfc3339(marker.at.time_since_epoch()));
  append_member(out, "detail", marker.detail);
  out += "}\n";
}

Result<TapeHeader> read_header_line(const JsonObject& line) {
  if (integer_member(line, "tape") != ndjson_tape_version) {
    return file_error("/tape", fmt::format("is no version that this program reads (it reads {})",
                                           ndjson_tape_version));
  }
  const auto text = [&](std::string_view key) {
    return std::string(string_member(line, key).value_or(""));
  };
  TapeHeader header;
  header.environment = text("environment");
  header.app_id = text("app_id");
  header.broker = text("broker");
  header.topic_filter = text("topic_filter");
  header.client_id = text("client_id");
  header.tool = text("tool");
  header.description = text("description");
  if (string_member(line, "started")) {
    AUTOTAPE_TRY_ASSIGN(header.started, time_member(line, "started"));
  }
  return header;
}

Result<void> read_message_line(const JsonObject& line, RecordedMessage& into) {
  AUTOTAPE_TRY_ASSIGN(into.received, time_member(line, "received"));
  AUTOTAPE_TRY_ASSIGN(auto topic, bytes_member(line, "topic"));
  if (!topic) {
    return wrong_member("topic", "a string");
  }
  AUTOTAPE_TRY_ASSIGN(auto payload, bytes_member(line, "payload"));
  if (!payload) {
    return file_error({}, "has neither payload nor payload_base64");
  }
  Message& message = into.message;
  message.topic = std::move(*topic);
  message.payload = std::move(*payload);

  JsonElement qos;
  message.qos = 1;
  if (line["qos"].get(qos) == simdjson::SUCCESS) {
    std::uint64_t value = 0;
    if (qos.get(value) != simdjson::SUCCESS || value > 2) {
      return wrong_member("qos", "0, 1 or 2");
    }
    message.qos = static_cast<std::uint8_t>(value);
  }
  AUTOTAPE_TRY_ASSIGN(message.retain, flag_member(line, "retain"));
  AUTOTAPE_TRY_ASSIGN(message.dup, flag_member(line, "dup"));

  JsonObject properties;
  message.properties.reset();
  if (line["properties"].get(properties) == simdjson::SUCCESS) {
    AUTOTAPE_TRY_ASSIGN(message.properties, read_properties(properties));
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
  into.detail = string_member(line, "detail").value_or("");
  return {};
}

}  // namespace autotape
