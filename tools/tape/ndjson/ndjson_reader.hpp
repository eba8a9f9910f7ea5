#pragma once

#include <memory>
#include <string>

#include "core/file.hpp"
#include "core/line_reader.hpp"
#include "json/parser.hpp"
#include "tape/reader.hpp"

namespace autotape {

// A last line without its line feed that is no whole record is torn: it is left out and counted. A
// wrong line anywhere else is an error, as is a file that does not begin like a tape.
class NdjsonReader final : public TapeReader {
 public:
  static Result<std::unique_ptr<NdjsonReader>> open(const std::string& path);

  std::string_view format() const override { return "ndjson"; }
  const TapeHeader& header() const override { return header_; }
  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override;
  const TapeDamage& damage() const override { return damage_; }

  // Offset behind the last whole line: where a resumed recording goes on.
  std::uint64_t whole_bytes() const { return whole_bytes_; }

  // Does the last whole line end with a line feed? Of a tape written by hand it may not.
  bool last_line_terminated() const { return lines_.terminated() || damage_.any(); }

 private:
  explicit NdjsonReader(InputFile file);

  Result<void> read_header();
  Result<bool> next_line(JsonObject& line);
  Error at_this_line(const Error& error) const;

  LineReader lines_;
  JsonParser parser_;
  TapeHeader header_;
  TapeDamage damage_;
  std::uint64_t whole_bytes_ = 0;
  bool first_line_waits_ = false;  // read while looking for a header, but it is a record
  JsonObject first_line_;
};

}  // namespace autotape
