#include "tape/import/message_parsers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/rfc3339.hpp"
#include "message/topic.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "1470818943.786368637": exact to the nanosecond, as no floating-point number is.
std::optional<ReceivedTime> parse_unix_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string fraction(point == std::string_view::npos ? "0" : text.substr(point + 1));
  if (!all_digits(whole) || whole.size() > 10 || !all_digits(fraction)) {
    return std::nullopt;
  }
  fraction.resize(9, '0');
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  std::from_chars(fraction.data(), fraction.data() + fraction.size(), nanoseconds);
  return ReceivedTime(std::chrono::seconds(seconds) + Duration(nanoseconds));
}

// Takes what stands before the next space off; nothing if there is no space.
std::optional<std::string_view> take_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0) {
    return std::nullopt;
  }
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space + 1);
  return word;
}

Error no_topic(std::string_view what) {
  return file_error({}, std::string(what), "a line has a topic, a space and a payload");
}

Result<ImportedMessage> topic_and_payload(std::string_view line) {
  const auto topic = take_word(line);
  if (!topic) {
    return no_topic("has no topic before a space");
  }
  if (!is_publishable_topic(*topic)) {
    return no_topic("does not begin with a topic");
  }
  ImportedMessage imported;
  imported.message.topic = *topic;
  imported.message.payload = line;
  imported.message.qos = 0;  // nothing says; mosquitto_sub asks for 0 unless told otherwise
  return imported;
}

// The fields of a CSV record (RFC 4180).
std::vector<std::string> csv_fields(std::string_view record) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (quoted && c == '"' && i + 1 < record.size() && record[i + 1] == '"') {
      fields.back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::optional<std::uint8_t> parse_qos(std::string_view text) {
  return text.size() == 1 && text[0] >= '0' && text[0] <= '2'
             ? std::optional(static_cast<std::uint8_t>(text[0] - '0'))
             : std::nullopt;
}

template <typename Number>
Result<std::optional<Number>> number_property(const JsonObject& properties, std::string_view name,
                                              std::int64_t most) {
  const auto value = integer_member(properties, name);
  if (value && (*value < 0 || *value > most)) {
    return file_error(fmt::format("/properties/{}", name),
                      fmt::format("must be a whole number from 0 to {}", most));
  }
  return value ? std::optional(static_cast<Number>(*value)) : std::nullopt;
}

// mosquitto_sub's names of MQTT 5 properties: {"user-properties":{…},"content-type":…}.
Result<std::optional<PublishProperties>> mosquitto_properties(const JsonObject& object) {
  JsonObject from;
  if (object["properties"].get(from) != simdjson::SUCCESS) {
    return std::optional<PublishProperties>();
  }
  PublishProperties properties;
  AUTOTAPE_TRY_ASSIGN(properties.payload_format_indicator,
                      number_property<std::uint8_t>(from, "payload-format-indicator", 1));
  AUTOTAPE_TRY_ASSIGN(properties.message_expiry_interval,
                      number_property<std::uint32_t>(from, "message-expiry-interval", UINT32_MAX));
  properties.content_type = string_member(from, "content-type");
  properties.response_topic = string_member(from, "response-topic");
  properties.correlation_data = string_member(from, "correlation-data");
  JsonObject pairs;
  if (from["user-properties"].get(pairs) == simdjson::SUCCESS) {
    for (const auto [name, value] : pairs) {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) {
        properties.user_properties.emplace_back(name, text);
      }
    }
  }
  return std::optional(std::move(properties));
}

// Absent, true or false, 0 or 1.
bool flag(const JsonObject& object, std::string_view key) {
  return bool_member(object, key).value_or(integer_member(object, key).value_or(0) != 0);
}

}  // namespace

std::optional<ReceivedTime> parse_import_time(std::string_view text) {
  if (const auto time = parse_unix_seconds(text)) {
    return time;
  }
  if (const auto time = parse_rfc3339_as<ReceivedClock>(text)) {
    return time;
  }
  // An offset without its colon at the end; a Z may stand before it.
  constexpr std::size_t offset_size = 5;
  if (text.size() <= offset_size) {
    return std::nullopt;
  }
  const std::string_view offset = text.substr(text.size() - offset_size);
  std::string_view time = text.substr(0, text.size() - offset_size);
  if ((offset[0] != '+' && offset[0] != '-') || !all_digits(offset.substr(1))) {
    return std::nullopt;
  }
  if (time.ends_with('Z')) {
    time.remove_suffix(1);
  }
  return parse_rfc3339_as<ReceivedClock>(
      fmt::format("{}{}:{}", time, offset.substr(0, 3), offset.substr(3)));
}

Result<ImportedMessage> parse_verbose_line(std::string_view line) {
  return topic_and_payload(line);
}

Result<ImportedMessage> parse_timed_line(std::string_view line) {
  const auto word = take_word(line);
  const auto time = word ? parse_import_time(*word) : std::nullopt;
  if (!time) {
    return file_error({}, "does not begin with a time", "such as 2021-11-01T10:33:10+0000");
  }
  AUTOTAPE_TRY_ASSIGN(ImportedMessage imported, topic_and_payload(line));
  imported.received = time;
  return imported;
}

Result<ImportedMessage> parse_csv_record(std::string_view record, bool payload_is_base64) {
  const auto fields = csv_fields(record);
  if (fields.size() < 2 || !is_publishable_topic(fields[0])) {
    return file_error({}, "is no record of topic, payload, QoS, retain, time");
  }
  ImportedMessage imported;
  imported.message.topic = fields[0];
  imported.message.payload = fields[1];
  imported.message.qos = 0;
  if (payload_is_base64) {
    auto bytes = decode_base64(fields[1]);
    if (!bytes) {
      return file_error({}, "the payload is not base 64");
    }
    imported.message.payload = std::move(*bytes);
  }
  if (fields.size() > 2) {
    const auto qos = parse_qos(fields[2]);
    if (!qos) {
      return file_error({}, "the third field is no QoS");
    }
    imported.message.qos = *qos;
  }
  imported.message.retain =
      fields.size() > 3 && (fields[3] == "True" || fields[3] == "true" || fields[3] == "1");
  if (fields.size() > 4) {
    imported.received = parse_import_time(fields[4]);
    if (!imported.received) {
      return file_error({}, "the fifth field is no time");
    }
  }
  return imported;
}

Result<ImportedMessage> JsonMessageParser::parse(JsonElement element, std::string_view text) {
  JsonObject object;
  if (element.get(object) != simdjson::SUCCESS) {
    return file_error({}, "is not a JSON object");
  }
  const auto topic = string_member(object, "topic");
  if (!topic) {
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    return parse_payload(text.empty() ? simdjson::minify(element) : std::string(text));
  }
  ImportedMessage imported;
  imported.message.topic = *topic;
  if (!is_publishable_topic(*topic)) {
    return file_error("/topic", "is no topic");
  }
  JsonElement payload;
  if (object["payload"].get(payload) != simdjson::SUCCESS) {
    return file_error({}, "has no payload");
  }
  std::string_view payload_text;
  imported.message.payload = payload.get(payload_text) == simdjson::SUCCESS
                                 ? std::string(payload_text)
                                 : simdjson::minify(payload);
  imported.message.qos = static_cast<std::uint8_t>(
      std::clamp<std::int64_t>(integer_member(object, "qos").value_or(1), 0, 2));
  imported.message.retain = flag(object, "retain");
  imported.message.dup = flag(object, "dup");
  AUTOTAPE_TRY_ASSIGN(imported.message.properties, mosquitto_properties(object));
  for (const std::string_view key : {"tst", "received", "time"}) {
    if (const auto time = string_member(object, key)) {
      imported.received = parse_import_time(*time);
      break;
    }
  }
  return imported;
}

Result<ImportedMessage> JsonMessageParser::parse_payload(const std::string& payload) {
  AUTOTAPE_TRY_ASSIGN(const Envelope* const envelope, envelopes_.read(payload));
  if (settings_.app_id.empty()) {
    return file_error({}, "is a payload without a topic",
                      "--app-id (and --environment) say whose topic it gets");
  }
  ImportedMessage imported;
  imported.message.payload = payload;
  imported.message.topic =
      fmt::format("{}/{}/{}", settings_.environment, auto_api_level, settings_.app_id);
  if (envelope->version == StreamVersion::v1 && !envelope->readings.empty()) {
    const Reading& reading = envelope->readings.front();
    imported.message.topic +=
        fmt::format("/{}/{}/get/{}", envelope->vin, reading.capability, reading.property);
  }
  return imported;
}

}  // namespace autotape
