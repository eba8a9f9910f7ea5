// events.ndjson while the broker runs. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/file.hpp"
#include "core/result.hpp"
#include "journal/broker_event.hpp"

namespace autotape {

class EventLog {
 public:
  // Starts a new file; the former one is kept as {path}.previous.
  static Result<std::unique_ptr<EventLog>> create(const std::string& path);

  // Stamps with the wall clock.
  void add(BrokerEvent event);
  void add(BrokerEventKind kind, std::string detail = {});

  // Several at once: lines that write() has made, each with its end.
  void add_lines(const std::string& lines);

  static void append_line(std::string& lines, const BrokerEvent& event);

  // The first failed write, if there was one: the log is then not whole.
  Result<void> state() const;

 private:
  explicit EventLog(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}

  mutable std::mutex mutex_;
  std::unique_ptr<AppendFile> file_;
  Result<void> state_;
};

}  // namespace autotape
