// The journal beside a tape that is being recorded: what was acknowledged and is not yet in a chunk
// of the tape itself. "commute.mcap.journal" beside "commute.mcap", there for as long as the tape
// is open.
//
//   magic "ATJRNL1\n" · generation u64 · tape size u64 · crc u32 · frames (journal_frame.hpp)
//
// The tape is what its first `tape size` bytes hold, and then the frames. Bytes of the tape beyond
// that are a chunk that was being written: the frames hold its messages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/file.hpp"
#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

std::string journal_path(const std::string& tape_path);

class JournalWriter {
 public:
  JournalWriter(std::unique_ptr<AppendFile> file, std::uint64_t generation)
      : file_(std::move(file)), generation_(generation) {}

  // Forgets all frames: the tape's first `tape_size` bytes hold all of them, on disk.
  Result<void> restart(std::uint64_t tape_size);

  void append(const RecordedMessage& message);
  void append(const Marker& marker);

  Result<void> flush();  // to the operating system
  Result<void> sync();   // to disk

  // Bytes of frames since the last restart().
  std::uint64_t size() const { return frame_bytes_; }

 private:
  std::unique_ptr<AppendFile> file_;
  std::uint64_t generation_;
  std::string buffer_;  // what sync() will write
  std::uint64_t frame_bytes_ = 0;
};

class JournalReader {
 public:
  // Nothing if there is no journal, or none that was begun: then the tape holds all. The journal is
  // read whole; it is no larger than a few chunks.
  static Result<std::optional<JournalReader>> open(const std::string& path);

  std::uint64_t generation() const { return generation_; }
  std::uint64_t tape_size() const { return tape_size_; }

  TapeRecord next(RecordedMessage& message, Marker& marker);

  // Is there anything that next() has not given, whole or torn?
  bool holds_records() const { return read_ < bytes_.size(); }

  // At the end: what is behind the last whole frame.
  std::uint64_t torn_bytes() const { return bytes_.size() - read_; }

 private:
  std::string bytes_;
  std::size_t read_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t tape_size_ = 0;
};

}  // namespace autotape
