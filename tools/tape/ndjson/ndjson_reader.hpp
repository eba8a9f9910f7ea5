#pragma once

#include <memory>
#include <string>

#include "core/file.hpp"
#include "core/line_reader.hpp"
#include "json/parser.hpp"
#include "tape/ndjson/ndjson_line_parser.hpp"
#include "tape/reader.hpp"

namespace autotape {

// A last line without its line feed that is no whole record is torn: it is left out and counted. A
// wrong line anywhere else is an error (or skipped, and counted), as is a file that does not begin
// like a tape.
class NdjsonReader final : public TapeReader {
 public:
  // What a wrong line is.
  enum class WrongLine { error, skipped };

  static Result<std::unique_ptr<NdjsonReader>> open(std::unique_ptr<ByteSource> source,
                                                    std::string_view format = "ndjson",
                                                    WrongLine wrong_line = WrongLine::error);

  std::string_view format() const override { return format_; }
  const TapeHeader& header() const override { return header_; }
  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override;
  const TapeDamage& damage() const override { return damage_; }

  // Offset behind the last whole line: where a resumed recording goes on.
  std::uint64_t whole_bytes() const { return whole_bytes_; }

  // Does the last whole line end with a line feed? Of a tape written by hand it may not.
  bool last_line_terminated() const { return lines_.terminated() || damage_.any(); }

 private:
  NdjsonReader(std::unique_ptr<ByteSource> source, std::string_view format, WrongLine wrong_line);

  Result<void> read_header();
  Result<bool> next_line(JsonObject& line);
  Result<TapeRecord> next_or_wrong(RecordedMessage& message, Marker& marker);
  bool skip_line(const Error& error);
  Error at_this_line(const Error& error) const { return parser_.at_line(lines_.number(), error); }

  LineReader lines_;
  std::string_view format_;
  WrongLine wrong_line_;
  NdjsonLineParser parser_;
  TapeHeader header_;
  TapeDamage damage_;
  std::uint64_t whole_bytes_ = 0;
  bool first_line_waits_ = false;  // read while looking for a header, but it is a record
  JsonObject first_line_;
};

}  // namespace autotape
