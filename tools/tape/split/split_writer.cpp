#include "tape/split/split_writer.hpp"

#include <algorithm>
#include <filesystem>

namespace autotape {
namespace {

// A part that no index names is of a recording that nobody knows the length of: it is neither gone
// on with nor written over.
Result<void> refuse_unnamed_parts(const std::string& tape_path, const SplitIndex& index) {
  for (const std::string& path : existing_parts(tape_path)) {
    const std::string name = std::filesystem::path(path).filename().string();
    const bool named = std::any_of(index.parts.begin(), index.parts.end(),
                                   [&](const TapePart& part) { return part.file == name; });
    if (!named) {
      return file_error(
          path, "is part of a recording, and not in the index " + split_index_path(tape_path),
          "put the index back, move the parts away, or choose another name");
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SplitWriter>> SplitWriter::open(const std::string& tape_path,
                                                       const SplitLimits& limits,
                                                       OpenPart open_part) {
  std::unique_ptr<SplitWriter> writer(new SplitWriter(tape_path, limits, std::move(open_part)));
  AUTOTAPE_TRY_ASSIGN(const auto index, read_split_index(tape_path));
  AUTOTAPE_TRY(refuse_unnamed_parts(tape_path, index.value_or(SplitIndex())));
  if (!index || index->parts.empty()) {
    AUTOTAPE_TRY(writer->next_part());
    return writer;
  }
  writer->index_ = *index;
  const std::filesystem::path folder = std::filesystem::path(tape_path).parent_path();
  AUTOTAPE_TRY(writer->open_part(folder / index->parts.back().file));
  return writer;
}

Result<void> SplitWriter::open_part(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(ResumedTape opened, open_part_(path));
  part_ = std::move(opened.writer);
  index_.parts.back().messages = opened.messages;
  header_ = std::move(opened.header);
  resumed_messages_ += opened.messages;
  torn_bytes_ += opened.torn_bytes;
  return {};
}

// The index names a part before the part has anything: no message is ever in a file that it does
// not name.
Result<void> SplitWriter::next_part() {
  const std::string path = split_part_path(tape_path_, index_.parts.size() + 1);
  index_.parts.push_back({std::filesystem::path(path).filename(), 0, 0, {}, {}});
  AUTOTAPE_TRY(write_split_index(tape_path_, index_));
  const auto opened = open_part(path);
  if (!opened && index_.parts.size() == 1) {
    std::error_code ignored;
    std::filesystem::remove(split_index_path(tape_path_), ignored);  // of nothing
  }
  return opened;
}

Result<void> SplitWriter::close_part() {
  AUTOTAPE_TRY(part_->close());
  index_.parts.back().size = part_->size();
  return write_split_index(tape_path_, index_);
}

bool SplitWriter::part_is_full(ReceivedTime next) const {
  const TapePart& part = index_.parts.back();
  return part.messages > 0 &&
         ((limits_.size && part_->size() >= *limits_.size) ||
          (limits_.duration && part.first && next - *part.first >= *limits_.duration));
}

Result<void> SplitWriter::append(const RecordedMessage& message) {
  if (failure_) {
    return *failure_;
  }
  if (part_is_full(message.received)) {
    auto turned = close_part();
    closed_size_ += part_->size();
    if (turned) {
      turned = next_part();
    }
    if (!turned) {
      failure_ = turned.error();
      return *failure_;
    }
  }
  TapePart& part = index_.parts.back();
  ++part.messages;
  part.first = part.first.value_or(message.received);
  part.last = message.received;
  return part_->append(message);
}

Result<void> SplitWriter::append(const Marker& marker) {
  return failure_ ? Result<void>(*failure_) : part_->append(marker);
}

Result<void> SplitWriter::sync() {
  return failure_ ? Result<void>(*failure_) : part_->sync();
}

Result<void> SplitWriter::flush() {
  return failure_ ? Result<void>(*failure_) : part_->flush();
}

Result<void> SplitWriter::close() {
  return failure_ ? Result<void>(*failure_) : close_part();
}

}  // namespace autotape
