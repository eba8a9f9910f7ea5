// Writing a tape, whatever its format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/file.hpp"
#include "core/result.hpp"
#include "tape/tape.hpp"

namespace autotape {

class TapeWriter {
 public:
  virtual ~TapeWriter() = default;

  virtual Result<void> append(const RecordedMessage& message) = 0;
  virtual Result<void> append(const Marker& marker) = 0;

  // When this returns, all that was appended survives a crash of the machine. Any failure of
  // append(), flush() or sync() is final: the writer takes nothing more.
  virtual Result<void> sync() = 0;

  // When this returns, all that was appended survives the end of this program, however it comes.
  virtual Result<void> flush() { return sync(); }

  // Writes what closes the tape, and syncs.
  virtual Result<void> close() = 0;

  virtual std::uint64_t size() const = 0;  // bytes written so far
};

// The format that a file name asks for (".mcap", ".ndjson"); an error names those that exist.
Result<std::unique_ptr<TapeWriter>> create_tape(const std::string& path, const TapeHeader& header,
                                                FileAccess access = FileAccess::everyone,
                                                bool force = false);

// A new tape that only its owner may read, on which sync() is cheap however little was appended.
Result<std::unique_ptr<TapeWriter>> begin_recording(const std::string& path,
                                                    const TapeHeader& header);

// A recording that goes on where it stopped.
struct ResumedTape {
  std::unique_ptr<TapeWriter> writer;
  TapeHeader header;             // as it was written when the tape was begun
  std::uint64_t messages = 0;    // that are on it
  std::uint64_t torn_bytes = 0;  // cut off at its end: a record that was never whole
};

// Opens an existing tape to be added to, and repairs its end. `header` is for a tape so short that
// it has none. An error if anything but the end is damaged.
Result<ResumedTape> resume_tape(const std::string& path, const TapeHeader& header);

}  // namespace autotape
