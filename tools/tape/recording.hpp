// Opening a tape for a recording: new, where an earlier one stopped, or in parts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "tape/split/split_writer.hpp"
#include "tape/writer.hpp"

namespace autotape {

// What open_recording() did to the folder. It is undone when this goes away, unless the recording
// began: what was made is removed, what is overwritten is back under its names.
class RecordingFiles {
 public:
  RecordingFiles() = default;
  ~RecordingFiles();
  RecordingFiles(RecordingFiles&& other) noexcept;
  RecordingFiles& operator=(RecordingFiles&& other) noexcept;

  // Moves the recording at `path` out of the way: "commute.mcap" is "replaced-4711-commute.mcap"
  // until then. An error if another program writes it.
  Result<void> replace(const std::string& path, const SplitLimits& limits);

  // All that is at `path` from now on is new.
  void made(const std::string& path, const SplitLimits& limits);

  // The recording began: it stays, and what it replaced is removed.
  void keep();

 private:
  struct MovedFile {
    std::string name;
    std::string aside;
    std::unique_ptr<AppendFile> lock;  // of a tape
  };

  std::vector<MovedFile> moved_;
  std::string path_;  // empty if nothing was made
  SplitLimits limits_;
};

struct OpenRecording {
  RecordingFiles files;
  std::unique_ptr<TapeWriter> writer;
  TapeHeader header;             // of the tape; of an earlier recording if this one goes on
  bool is_new = true;            // nothing was there before, or it is overwritten
  std::uint64_t messages = 0;    // that were on it
  std::uint64_t torn_bytes = 0;  // that were cut off at its end
};

// Only the owner may read what is recorded. With `force`, what is there is overwritten. Call
// files.keep() when the recording began.
Result<OpenRecording> open_recording(const std::string& path, const TapeHeader& header,
                                     const SplitLimits& limits, bool force);

}  // namespace autotape
