#include "tape/recording.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "tape/journal/journal.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

void remove(const std::string& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

Result<void> move_file(const std::string& from, const std::string& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) {
    return file_error(from, "cannot be renamed: " + failed.message(), "check the permissions");
  }
  return {};
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

// The tapes of a recording that are there.
std::vector<std::string> tapes_of(const std::string& path, const SplitLimits& limits) {
  if (limits.any()) {
    return existing_parts(path);
  }
  return exists(path) ? std::vector<std::string>{path} : std::vector<std::string>();
}

// What belongs to a recording and is no tape. A journal may be there without its tape.
std::vector<std::string> companions_of(const std::string& path, const SplitLimits& limits,
                                       const std::vector<std::string>& tapes) {
  std::vector<std::string> names;
  names.reserve(tapes.size() + 1);
  for (const std::string& tape : tapes) {
    names.push_back(journal_path(tape));
  }
  if (limits.any()) {
    names.push_back(split_index_path(path));
  } else if (tapes.empty()) {
    names.push_back(journal_path(path));
  }
  return names;
}

std::string aside_path(const std::string& name) {
  const fs::path path(name);
  return (path.parent_path() / fmt::format("replaced-{}-{}", ::getpid(), path.filename().string()))
      .string();
}

}  // namespace

RecordingFiles::RecordingFiles(RecordingFiles&& other) noexcept
    : moved_(std::exchange(other.moved_, {})),
      path_(std::exchange(other.path_, {})),
      limits_(other.limits_) {}

RecordingFiles& RecordingFiles::operator=(RecordingFiles&& other) noexcept {
  std::swap(moved_, other.moved_);
  std::swap(path_, other.path_);
  std::swap(limits_, other.limits_);
  return *this;
}

RecordingFiles::~RecordingFiles() {
  if (!path_.empty()) {
    const auto tapes = tapes_of(path_, limits_);
    for (const std::string& name : companions_of(path_, limits_, tapes)) {
      remove(name);
    }
    for (const std::string& name : tapes) {
      remove(name);
    }
  }
  for (const MovedFile& file : moved_) {
    if (!exists(file.name)) {
      (void)move_file(file.aside, file.name);
    }
  }
}

Result<void> RecordingFiles::replace(const std::string& path, const SplitLimits& limits) {
  const auto tapes = tapes_of(path, limits);
  std::vector<MovedFile> files;
  for (const std::string& name : tapes) {
    AUTOTAPE_TRY_ASSIGN(auto lock, open_append_file(name, OpenMode::resume));
    files.push_back({name, aside_path(name), std::move(lock)});
  }
  for (const std::string& name : companions_of(path, limits, tapes)) {
    if (exists(name)) {
      files.push_back({name, aside_path(name), nullptr});
    }
  }
  for (MovedFile& file : files) {
    AUTOTAPE_TRY(move_file(file.name, file.aside));
    moved_.push_back(std::move(file));
  }
  return {};
}

void RecordingFiles::made(const std::string& path, const SplitLimits& limits) {
  path_ = path;
  limits_ = limits;
}

void RecordingFiles::keep() {
  path_.clear();
  for (const MovedFile& file : moved_) {
    remove(file.aside);
  }
  moved_.clear();
}

Result<OpenRecording> open_recording(const std::string& path, const TapeHeader& header,
                                     const SplitLimits& limits, bool force) {
  OpenRecording recording;
  if (force) {
    AUTOTAPE_TRY(recording.files.replace(path, limits));
  }
  recording.is_new = !exists(limits.any() ? split_index_path(path) : path);
  if (limits.any()) {
    AUTOTAPE_TRY_ASSIGN(auto parts, SplitWriter::open(path, limits, [header](const auto& part) {
                          return open_tape_file(part, header);
                        }));
    recording.header = parts->header();
    recording.messages = parts->resumed_messages();
    recording.torn_bytes = parts->torn_bytes();
    recording.writer = std::move(parts);
  } else {
    AUTOTAPE_TRY_ASSIGN(ResumedTape opened, open_tape_file(path, header));
    recording.header = std::move(opened.header);
    recording.messages = opened.messages;
    recording.torn_bytes = opened.torn_bytes;
    recording.writer = std::move(opened.writer);
  }
  if (recording.is_new) {
    recording.files.made(path, limits);
  }
  return recording;
}

}  // namespace autotape
