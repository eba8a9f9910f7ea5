#include "tape/journal/journaled_writer.hpp"

#include <filesystem>

namespace autotape {

Result<void> JournaledWriter::append(const RecordedMessage& message) {
  if (failure_) {
    return *failure_;
  }
  synced_ = false;
  journal_.append(message);
  return keep_failure(tape_->append(message));
}

Result<void> JournaledWriter::append(const Marker& marker) {
  if (failure_) {
    return *failure_;
  }
  synced_ = false;
  journal_.append(marker);
  return keep_failure(tape_->append(marker));
}

Result<void> JournaledWriter::sync() {
  if (failure_) {
    return *failure_;
  }
  if (synced_) {
    return {};
  }
  AUTOTAPE_TRY(keep_failure(journal_.size() >= chunk_bytes_ ? cut_chunk() : journal_.sync()));
  synced_ = true;
  return {};
}

Result<void> JournaledWriter::flush() {
  if (failure_) {
    return *failure_;
  }
  return keep_failure(journal_.size() >= chunk_bytes_ ? cut_chunk() : journal_.flush());
}

// In this order: the journal forgets nothing that is not in the tape, on disk.
Result<void> JournaledWriter::cut_chunk() {
  AUTOTAPE_TRY(tape_->sync());
  return journal_.restart(tape_->size());
}

Result<void> JournaledWriter::close() {
  if (failure_) {
    return *failure_;
  }
  // A journal that is left beside a closed tape has no records, unless it is another tape's.
  AUTOTAPE_TRY(keep_failure(cut_chunk()));
  AUTOTAPE_TRY(keep_failure(tape_->close()));
  closed_ = true;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  return {};
}

Result<void> JournaledWriter::keep_failure(Result<void> result) {
  if (!result) {
    failure_ = result.error();
  }
  return result;
}

}  // namespace autotape
