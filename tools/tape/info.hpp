// What a tape is and holds, without its messages.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "tape/contents.hpp"
#include "tape/reader.hpp"

namespace autotape {

struct TapeInfo {
  std::string format;                  // "mcap", "ndjson", …
  std::optional<std::uint64_t> bytes;  // of the file; absent for a pipe
  TapeHeader header;
  TapeContents contents;
  TapeDamage damage;  // what was found: all of it only if the tape was read through
};

// From the summary at the end of the file where the format has one; otherwise the tape is read
// through, as by scan_tape().
Result<TapeInfo> read_tape_info(
    const std::string& path,
    const std::function<bool(const RecordedMessage&)>& each =
        [](const RecordedMessage&) { return true; },
    int stop = -1);

// Reads the tape through, and shows each message to `each`; false stops, as if the tape ended
// there. Standard input ends as in open_tape().
Result<TapeInfo> scan_tape(const std::string& path,
                           const std::function<bool(const RecordedMessage&)>& each, int stop = -1);

}  // namespace autotape
