#include "tape/mcap/contents_json.hpp"

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "json/parser.hpp"
#include "json/write.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape::mcap {
namespace {

void append_line_as_member(std::string& out, std::string line) {
  line.pop_back();  // the line feed
  out += line;
}

void append_counts(std::string& out, std::string_view name, const NameCounts& counts) {
  out += fmt::format(",\n\"{}\":{{", name);
  const char* separator = "";
  for (const auto& [key, count] : counts.by_name) {
    out += separator;
    append_json_string(out, key);
    out += fmt::format(":{}", count);
    separator = ",\n";
  }
  out += fmt::format("}},\n\"other_{}\":{}", name, counts.others);
}

Result<std::uint64_t> count_member(const JsonObject& object, std::string_view key) {
  std::uint64_t count = 0;
  if (object[key].get(count) != simdjson::SUCCESS) {
    return file_error(fmt::format("/{}", key), "must be a count");
  }
  return count;
}

Result<NameCounts> read_counts(const JsonObject& object, const std::string& name) {
  NameCounts counts;
  JsonObject names;
  if (object[name].get(names) != simdjson::SUCCESS) {
    return file_error("/" + name, "must be an object");
  }
  for (const auto [key, value] : names) {
    std::uint64_t count = 0;
    if (value.get(count) != simdjson::SUCCESS) {
      return file_error("/" + name, "must hold counts");
    }
    counts.by_name.emplace_hint(counts.by_name.end(), key, count);
  }
  AUTOTAPE_TRY_ASSIGN(counts.others, count_member(object, "other_" + name));
  return counts;
}

std::optional<ReceivedTime> time_member(const JsonObject& object, std::string_view key) {
  const auto text = string_member(object, key);
  return text ? parse_rfc3339_as<ReceivedClock>(*text) : std::nullopt;
}

}  // namespace

std::string write_contents(const TapeHeader& header, const TapeContents& contents) {
  std::string out = "{\"header\":";
  std::string line;
  append_header_line(line, header);
  append_line_as_member(out, line);
  out += fmt::format(
      ",\n\"messages\":{},\n\"payload_bytes\":{},\n\"without_envelope\":{},\n\"readings\":{}",
      contents.messages, contents.payload_bytes, contents.without_envelope, contents.readings);
  if (contents.first_received) {
    out += fmt::format(",\n\"first_received\":\"{}\",\n\"last_received\":\"{}\"",
                       format_rfc3339(contents.first_received->time_since_epoch()),
                       format_rfc3339(contents.last_received->time_since_epoch()));
  }
  append_counts(out, "cars", contents.readings_by_car);
  append_counts(out, "properties", contents.readings_by_property);
  out += fmt::format(",\n\"marker_count\":{},\n\"markers\":[", contents.marker_count);
  const char* separator = "";
  for (const Marker& marker : contents.markers) {
    out += separator;
    line.clear();
    append_marker_line(line, marker);
    append_line_as_member(out, line);
    separator = ",\n";
  }
  out += "]}\n";
  return out;
}

Result<void> read_contents(std::string_view json, TapeHeader& header, TapeContents& contents) {
  JsonParser parser;
  AUTOTAPE_TRY_ASSIGN(const JsonElement root, parser.parse(json));
  JsonObject object;
  JsonObject header_line;
  JsonArray markers;
  if (root.get(object) != simdjson::SUCCESS ||
      object["header"].get(header_line) != simdjson::SUCCESS ||
      object["markers"].get(markers) != simdjson::SUCCESS) {
    return file_error({}, "is no list of a tape's contents");
  }
  AUTOTAPE_TRY_ASSIGN(header, read_header_line(header_line));
  AUTOTAPE_TRY_ASSIGN(contents.messages, count_member(object, "messages"));
  AUTOTAPE_TRY_ASSIGN(contents.payload_bytes, count_member(object, "payload_bytes"));
  AUTOTAPE_TRY_ASSIGN(contents.without_envelope, count_member(object, "without_envelope"));
  AUTOTAPE_TRY_ASSIGN(contents.readings, count_member(object, "readings"));
  contents.first_received = time_member(object, "first_received");
  contents.last_received = time_member(object, "last_received");
  AUTOTAPE_TRY_ASSIGN(contents.readings_by_car, read_counts(object, "cars"));
  AUTOTAPE_TRY_ASSIGN(contents.readings_by_property, read_counts(object, "properties"));
  AUTOTAPE_TRY_ASSIGN(contents.marker_count, count_member(object, "marker_count"));
  for (const JsonElement element : markers) {
    JsonObject members;
    if (element.get(members) != simdjson::SUCCESS) {
      return file_error("/markers", "must be objects");
    }
    AUTOTAPE_TRY(read_marker_line(members, contents.markers.emplace_back()));
  }
  return {};
}

}  // namespace autotape::mcap
