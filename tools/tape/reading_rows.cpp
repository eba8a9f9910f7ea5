#include "tape/reading_rows.hpp"

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "json/write.hpp"

namespace autotape {
namespace {

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  out += '"';
}

// The content of a string, the text of anything else.
void append_csv_value(JsonParser& parser, std::string& out, const std::string& json) {
  out += ',';
  if (!json.starts_with('"')) {
    append_csv_field(out, json);
    return;
  }
  std::string_view text;
  const auto value = parser.parse(json);
  if (value && value->get(text) == simdjson::SUCCESS) {
    append_csv_field(out, text);
  }
}

void append_string_member(std::string& out, std::string_view key, std::string_view value) {
  out += fmt::format(",\"{}\":", key);
  append_json_string(out, value);
}

void append_json_member(std::string& out, std::string_view key, const std::string& json) {
  if (!json.empty()) {
    out += fmt::format(",\"{}\":{}", key, json);
  }
}

std::string text_of(const JsonObject& object, std::string_view key) {
  JsonElement element;
  return object[key].get(element) == simdjson::SUCCESS ? simdjson::minify(element) : std::string();
}

std::string time_text(std::optional<DataTime> time) {
  return time ? format_rfc3339(time->time_since_epoch()) : std::string();
}

}  // namespace

std::string_view ReadingRows::csv_header() {
  return "received,timestamp,vin,capability,property,item,value,unit,failure,availability,message_"
         "id\n";
}

ReadingRows::Parts ReadingRows::parts_of(std::size_t reading) {
  Parts parts;
  const std::string text = reader_.reading_text(reading);
  const auto root = parser_.parse(text);
  JsonObject object;
  if (!root || root->get(object) != simdjson::SUCCESS) {
    parts.value = text;
    return parts;
  }
  parts.failure = text_of(object, "failure");
  parts.availability = text_of(object, "availability");
  JsonObject data;
  if (object["data"].get(data) == simdjson::SUCCESS && data.size() == 2 &&
      data["unit"].error() == simdjson::SUCCESS && data["value"].error() == simdjson::SUCCESS) {
    parts.value = text_of(data, "value");
    parts.unit = text_of(data, "unit");
  } else {
    parts.value = text_of(object, "data");
  }
  return parts;
}

bool ReadingRows::append_csv(std::string& out, const RecordedMessage& message) {
  const auto envelope = reader_.read(message.message.payload);
  if (!envelope) {
    return false;
  }
  const std::string received = format_rfc3339(message.received.time_since_epoch());
  for (std::size_t i = 0; i < (*envelope)->readings.size(); ++i) {
    const Reading& reading = (*envelope)->readings[i];
    out += received + "," + time_text(reading.timestamp) + ",";
    append_csv_field(out, (*envelope)->vin);
    out += ',';
    append_csv_field(out, reading.capability);
    out += ',';
    append_csv_field(out, reading.property);
    out += fmt::format(",{}", reading.item);
    const Parts parts = parts_of(i);
    for (const std::string* part :
         {&parts.value, &parts.unit, &parts.failure, &parts.availability}) {
      append_csv_value(parser_, out, *part);
    }
    out += ',';
    append_csv_field(out, (*envelope)->message_id);
    out += '\n';
  }
  return true;
}

bool ReadingRows::append_ndjson(std::string& out, const RecordedMessage& message) {
  const auto envelope = reader_.read(message.message.payload);
  if (!envelope) {
    return false;
  }
  const std::string received = format_rfc3339(message.received.time_since_epoch());
  for (std::size_t i = 0; i < (*envelope)->readings.size(); ++i) {
    const Reading& reading = (*envelope)->readings[i];
    out += fmt::format("{{\"received\":\"{}\"", received);
    if (reading.timestamp) {
      append_string_member(out, "timestamp", time_text(reading.timestamp));
    }
    append_string_member(out, "vin", (*envelope)->vin);
    append_string_member(out, "capability", reading.capability);
    append_string_member(out, "property", reading.property);
    out += fmt::format(",\"item\":{}", reading.item);
    const Parts parts = parts_of(i);
    append_json_member(out, "value", parts.value);
    append_json_member(out, "unit", parts.unit);
    append_json_member(out, "failure", parts.failure);
    append_json_member(out, "availability", parts.availability);
    append_string_member(out, "message_id", (*envelope)->message_id);
    out += "}\n";
  }
  return true;
}

}  // namespace autotape
