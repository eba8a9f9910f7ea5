#include "tape/journal/journaled_reader.hpp"

namespace autotape {

Result<TapeRecord> JournaledReader::next(RecordedMessage& message, Marker& marker) {
  if (!tape_ended_) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape_->next(message, marker));
    if (found != TapeRecord::end) {
      return found;
    }
    tape_ended_ = true;
    damage_ = tape_->damage();
    damage_.no_end = false;  // the journal is its end
  }
  const TapeRecord found = journal_.next(message, marker);
  if (found == TapeRecord::end) {
    damage_.torn_bytes = journal_.torn_bytes();
  }
  return found;
}

}  // namespace autotape
