#include "tape/edit/tape_copy.hpp"

namespace autotape {

Result<void> copy_tape(TapeReader& from, TapeWriter& to, const CopyRules& rules,
                       CopyCounts& counts) {
  RecordedMessage message;
  Marker marker;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, from.next(message, marker));
    if (found == TapeRecord::end) {
      return {};
    }
    if (found == TapeRecord::message) {
      ++counts.messages_read;
      if (!rules.keep_message || rules.keep_message(message)) {
        AUTOTAPE_TRY(to.append(message));
        ++counts.messages_written;
      }
    } else {
      ++counts.markers_read;
      if (!rules.keep_marker || rules.keep_marker(marker)) {
        AUTOTAPE_TRY(to.append(marker));
        ++counts.markers_written;
      }
    }
    if (rules.go_on && !rules.go_on(counts)) {
      return {};
    }
  }
}

}  // namespace autotape
