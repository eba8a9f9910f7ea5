// Reading a tape front to back, whatever its format, in constant memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "tape/tape.hpp"

namespace autotape {

// What next() found.
enum class TapeRecord { message, marker, end };

// A stretch of the file that could not be read.
struct DamagedPlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string what;  // "chunk: the checksum is wrong"

  bool operator==(const DamagedPlace&) const = default;
};

// What a reader had to leave out, or found changed. All zero for a whole tape.
struct TapeDamage {
  static constexpr std::size_t most_places = 1000;  // that are kept

  std::uint64_t torn_bytes = 0;     // at the end: the last record was cut off
  std::uint64_t skipped_bytes = 0;  // elsewhere
  std::uint64_t bad_chunks = 0;     // among them
  bool no_end = false;       // the format has an end, and it is not there: what is lost is unknown
  bool index_wrong = false;  // what is no message (an index, a checksum of the whole) was changed
  std::vector<DamagedPlace> places;  // in their order

  bool any() const { return messages_may_be_lost() || index_wrong; }
  bool messages_may_be_lost() const { return torn_bytes != 0 || skipped_bytes != 0 || no_end; }
};

// Sums it up for people, a line for each kind; empty for a whole tape.
std::vector<std::string> describe_damage(const TapeDamage& damage);

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

// Opens a tape by what is in the file, not by its name. "-" is standard input, which ends as soon
// as the descriptor `stop` becomes readable.
Result<std::unique_ptr<TapeReader>> open_tape(const std::string& path, int stop = -1);

// The same for a tape that may be damaged anywhere, its first bytes among it: what can be read is
// read, and damage() lists the rest. Only the first `most` bytes are looked at.
Result<std::unique_ptr<TapeReader>> open_damaged_tape(const std::string& path,
                                                      std::uint64_t most = UINT64_MAX);

}  // namespace autotape
