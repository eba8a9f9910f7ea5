// What the commands that make a tape of tapes have in common: records go from a reader to a writer,
// in order, and each that does not arrive is counted.
#pragma once

#include <cstdint>
#include <functional>

#include "core/result.hpp"
#include "tape/reader.hpp"
#include "tape/writer.hpp"

namespace autotape {

struct CopyCounts {
  std::uint64_t messages_read = 0;
  std::uint64_t messages_written = 0;
  std::uint64_t markers_read = 0;
  std::uint64_t markers_written = 0;

  std::uint64_t messages_dropped() const { return messages_read - messages_written; }
};

struct CopyRules {
  // Which records go on; none: all.
  std::function<bool(const RecordedMessage&)> keep_message{};
  std::function<bool(const Marker&)> keep_marker{};
  // Called after each record; false stops, as if the tape ended there.
  std::function<bool(const CopyCounts&)> go_on{};
};

// Does not close `to`. What was counted before an error is in `counts`.
Result<void> copy_tape(TapeReader& from, TapeWriter& to, const CopyRules& rules,
                       CopyCounts& counts);

}  // namespace autotape
