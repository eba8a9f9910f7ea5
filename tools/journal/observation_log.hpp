// The observations of a run as we read them (observations.ndjson): what each consumer said, when
// the line was read, word for word.
//
//   {"time":"2026-01-02T03:04:05.678901234Z","consumer":1,"said":{"message_id":"A1"}}
//   {"time":"2026-01-02T03:04:05.678901234Z","consumer":1,"unreadable":"hello","why":"is not JSON"}
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/file.hpp"
#include "core/line_reader.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "journal/observation.hpp"

namespace autotape {

// Several threads may append; each line is whole.
class ObservationLog {
 public:
  static Result<std::unique_ptr<ObservationLog>> create(const std::string& path);

  // `consumer` counts from 1. The first failed write is final and told by failure(). Gives the id
  // of the message that the line names, empty for `state`; nothing if it is no observation.
  std::optional<std::string> append(std::uint32_t consumer, std::string_view line,
                                    ReceivedTime read_at);

  Result<void> failure() const;
  std::uint64_t lines() const;

 private:
  explicit ObservationLog(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}

  mutable std::mutex mutex_;
  std::unique_ptr<AppendFile> file_;
  ObservationReader reader_;
  Result<void> failure_;
  std::uint64_t lines_ = 0;
  std::string text_;
};

struct LoggedObservation {
  ReceivedTime time{};
  std::uint32_t consumer = 1;
  std::uint64_t line = 0;  // of that consumer, from 1
  std::string_view said;   // word for word; of an unreadable line made printable
  bool readable = true;
  std::string_view why;  // it is unreadable
};

class ObservationLogReader {
 public:
  static Result<ObservationLogReader> open(const std::string& path);

  // True and the next one, valid until the next call; false at the end.
  Result<bool> next(LoggedObservation& observation);

 private:
  explicit ObservationLogReader(InputFile file) : lines_(std::move(file)) {}

  Result<void> read_unreadable(std::string_view line, LoggedObservation& observation);
  Error at_this_line() const;

  LineReader lines_;
  JsonParser parser_;
  std::vector<std::uint64_t> counts_;  // of each consumer's lines
  std::string said_;
  std::string why_;
};

}  // namespace autotape
