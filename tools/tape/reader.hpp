// Reading a tape front to back, whatever its format, in constant memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "tape/tape.hpp"

namespace autotape {

// What next() found.
enum class TapeRecord { message, marker, end };

// What a reader had to leave out. All zero for a whole tape.
struct TapeDamage {
  std::uint64_t torn_bytes = 0;  // at the end: the last record was cut off

  bool any() const { return torn_bytes != 0; }
};

class TapeReader {
 public:
  virtual ~TapeReader() = default;

  virtual std::string_view format() const = 0;   // "mcap", "ndjson", …
  virtual const TapeHeader& header() const = 0;  // empty where the tape has none

  // Reads the next record into `message` or `marker`, reusing their memory. An error names file and
  // place; reading cannot go on after it.
  virtual Result<TapeRecord> next(RecordedMessage& message, Marker& marker) = 0;

  // What was left out so far; complete once next() gave `end`.
  virtual const TapeDamage& damage() const = 0;

  // Skips markers: true and a message, or false at the end.
  Result<bool> next_message(RecordedMessage& message);

 private:
  Marker skipped_;
};

// Opens a tape by what is in the file, not by its name. "-" is standard input.
Result<std::unique_ptr<TapeReader>> open_tape(const std::string& path);

}  // namespace autotape
