#include "tape/recording.hpp"

#include <filesystem>

#include "tape/journal/journal.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void remove(const std::string& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

Result<ResumedTape> open_tape_file(const std::string& path, const TapeHeader& header) {
  if (exists(path)) {
    return resume_tape(path, header);
  }
  ResumedTape opened;
  opened.header = header;
  AUTOTAPE_TRY_ASSIGN(opened.writer, begin_recording(path, header));
  return opened;
}

// Every part of an earlier recording of that name.
void remove_parts(const std::string& path) {
  for (std::size_t number = 1; exists(split_part_path(path, number)); ++number) {
    remove(split_part_path(path, number));
    remove(journal_path(split_part_path(path, number)));
  }
  remove(split_index_path(path));
}

}  // namespace

Result<OpenRecording> open_recording(const std::string& path, const TapeHeader& header,
                                     const SplitLimits& limits, bool force) {
  if (force) {
    remove_recording(path, limits);
  }
  OpenRecording recording;
  if (limits.any()) {
    recording.is_new = !exists(split_index_path(path));
    AUTOTAPE_TRY_ASSIGN(auto parts, SplitWriter::open(path, limits, [header](const auto& part) {
                          return open_tape_file(part, header);
                        }));
    recording.header = parts->header();
    recording.messages = parts->resumed_messages();
    recording.torn_bytes = parts->torn_bytes();
    recording.writer = std::move(parts);
    return recording;
  }
  recording.is_new = !exists(path);
  AUTOTAPE_TRY_ASSIGN(ResumedTape opened, open_tape_file(path, header));
  recording.header = std::move(opened.header);
  recording.messages = opened.messages;
  recording.torn_bytes = opened.torn_bytes;
  recording.writer = std::move(opened.writer);
  return recording;
}

void remove_recording(const std::string& path, const SplitLimits& limits) {
  if (limits.any()) {
    remove_parts(path);
  } else {
    remove(path);
    remove(journal_path(path));
  }
}

}  // namespace autotape
