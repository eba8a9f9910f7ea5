// Opening a tape for a recording: new, where an earlier one stopped, or in parts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "tape/split/split_writer.hpp"
#include "tape/writer.hpp"

namespace autotape {

struct OpenRecording {
  std::unique_ptr<TapeWriter> writer;
  TapeHeader header;             // of the tape; of an earlier recording if this one goes on
  bool is_new = true;            // nothing was there before
  std::uint64_t messages = 0;    // that were on it
  std::uint64_t torn_bytes = 0;  // that were cut off at its end
};

// Only the owner may read what is recorded. With `force`, what is there is overwritten.
Result<OpenRecording> open_recording(const std::string& path, const TapeHeader& header,
                                     const SplitLimits& limits, bool force);

// Removes what open_recording() made, of a recording that never began.
void remove_recording(const std::string& path, const SplitLimits& limits);

}  // namespace autotape
