#include "tape/ndjson/ndjson_line_parser.hpp"

#include <fmt/format.h>

#include "tape/ndjson/ndjson_line.hpp"

namespace autotape {

Result<std::optional<JsonObject>> NdjsonLineParser::parse(const NdjsonText& text) {
  const auto root = parser_.parse(text.line);
  JsonObject object;
  if (root && root->get(object) == simdjson::SUCCESS) {
    return std::optional(object);
  }
  // A writer of ours was cut off here, if anything says that this is a tape at all. After a crash
  // of the machine there may be anything in the place of what was not yet on disk.
  if (!text.terminated && (text.number > 1 || text.line.starts_with('{'))) {
    return std::optional<JsonObject>();
  }
  Error error = root ? file_error({}, "is not a JSON object") : root.error();
  if (text.number == 1) {
    error.advice = "is this a tape?";
  }
  return at_line(text.number, error);
}

Error NdjsonLineParser::at_line(std::uint64_t number, const Error& error) const {
  const std::string place = fmt::format("{}:{}", path_, number);
  return file_error(error.where.empty() ? place : place + ": " + error.where, error.what,
                    error.advice);
}

Result<TapeRecord> read_record_line(const JsonObject& line, RecordedMessage& message,
                                    Marker& marker) {
  if (line["marker"].error() == simdjson::SUCCESS) {
    AUTOTAPE_TRY(read_marker_line(line, marker));
    return TapeRecord::marker;
  }
  AUTOTAPE_TRY(read_message_line(line, message));
  return TapeRecord::message;
}

}  // namespace autotape
