// Reads the lines of a file or a named pipe while a consumer writes them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "core/result.hpp"
#include "core/time.hpp"

namespace autotape {

// A line without its end, and when it was read. Called in the thread that reads.
using LineSink = std::function<void(std::string_view line, ReceivedTime read_at)>;

// Cuts what is read into lines. A line longer than 1 MiB is given in pieces.
class LineSplitter {
 public:
  explicit LineSplitter(LineSink sink) : sink_(std::move(sink)) {}

  void add(std::string_view bytes);
  void finish();  // gives a last line that has no end

 private:
  LineSink sink_;
  std::string pending_;
};

class ObservationTail {
 public:
  // `path` exists: a regular file, read from its beginning, or a named pipe.
  static Result<std::unique_ptr<ObservationTail>> follow(const std::string& path, LineSink sink);

  ~ObservationTail();
  ObservationTail(const ObservationTail&) = delete;
  ObservationTail& operator=(const ObservationTail&) = delete;

  // Reads what is left and ends. Call it when nobody writes any more.
  void finish();

  // Ends without reading what is left.
  void abandon();

 private:
  ObservationTail(int file, int watch, int wake, bool is_pipe, LineSink sink);

  void follow_until_finished();
  void read_what_is_there();
  void start_again_if_truncated();

  int file_;
  int watch_;  // inotify; -1 for a pipe, which can be polled itself
  int wake_;   // eventfd
  bool is_pipe_;
  std::uint64_t offset_ = 0;
  LineSplitter lines_;
  std::atomic<bool> finishing_ = false;
  std::atomic<bool> abandoned_ = false;
  std::thread thread_;
};

}  // namespace autotape
