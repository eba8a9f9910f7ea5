// From the text of a tape's line to its JSON object, for whoever cuts a tape into lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "json/parser.hpp"
#include "tape/reader.hpp"

namespace autotape {

struct NdjsonText {
  std::string_view line;     // without its line feed
  std::uint64_t number = 0;  // the first line of the tape is 1
  bool terminated = false;   // by a line feed; only the last line may not be

  bool blank() const { return line.find_first_not_of(" \t\r") == std::string_view::npos; }
};

// Not thread-safe: each thread has its own.
class NdjsonLineParser {
 public:
  // `path` for errors: "path:number".
  explicit NdjsonLineParser(std::string path) : path_(std::move(path)) {}

  // Of a line that is not blank; valid until the next call. Nothing if the line is torn: the last
  // one, cut off by a crash.
  Result<std::optional<JsonObject>> parse(const NdjsonText& text);

  // Says in which line the error is.
  Error at_line(std::uint64_t number, const Error& error) const;

 private:
  std::string path_;
  JsonParser parser_;
};

// Puts a line that is no header where it belongs.
Result<TapeRecord> read_record_line(const JsonObject& line, RecordedMessage& message,
                                    Marker& marker);

}  // namespace autotape
