// One consumer under test: its process, through restarts, what it writes and what it observes.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/file.hpp"
#include "core/result.hpp"
#include "journal/observation_log.hpp"
#include "run/change_signal.hpp"
#include "run/child_process.hpp"
#include "run/observation_server.hpp"
#include "run/observation_tail.hpp"
#include "run/output_capture.hpp"

namespace autotape {

// How a consumer hands over its observations.
enum class ObservationChannel {
  file,    // appends to the file AUTOTAPE_OBSERVATIONS
  pipe,    // the same, a named pipe
  output,  // its standard output; lines that do not begin with '{' are its own
  http,    // posts them to the URL AUTOTAPE_OBSERVATIONS_URL
};

// "file", "pipe", "stdout", "http".
std::string_view name_of(ObservationChannel channel);
std::optional<ObservationChannel> observation_channel(std::string_view name);

struct ConsumerSettings {
  std::uint32_t number = 1;          // the first is 1
  std::vector<std::string> command;  // {host}-like placeholders are replaced
  std::vector<std::pair<std::string, std::string>> settings;  // "HOST" → AUTOTAPE_HOST and {host}
  std::string folder;  // of its own: its log, its observations, and what it likes to keep
  std::string home{};  // what AUTOTAPE_FOLDER says; empty: the folder
  ObservationChannel channel = ObservationChannel::file;

  // Of each observation that names one. Called in the thread that reads it.
  std::function<void(std::string_view message_id)> on_message{};
};

// Not thread-safe, but for ended(), lines() and last_observation().
class Consumer {
 public:
  // Both must outlive it.
  static Result<std::unique_ptr<Consumer>> create(ConsumerSettings settings, ObservationLog& log,
                                                  ChangeSignal& changed);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Starts it, or starts it again.
  Result<void> start();

  // Starts another process of it beside the one that runs, as a rolling deployment does: with the
  // same settings, and the same place for its observations.
  Result<void> start_successor();

  // Ends the one that ran before start_successor(), as stop() does.
  void stop_predecessor(Duration grace);

  // What it finds in its environment, with names as they stand there.
  std::vector<std::pair<std::string, std::string>> environment() const;

  // What stop() begins with, to end several at the same time.
  void ask_to_end();

  // SIGTERM, then SIGKILL after `grace`.
  std::optional<ChildEnd> stop(Duration grace);
  std::optional<ChildEnd> kill();

  // SIGSTOP and SIGCONT.
  void signal(int number) const;

  bool running() const { return current_ != nullptr; }

  // Has it ended on its own? stop() and start() forget it.
  std::optional<ChildEnd> ended();

  // Reads what is left of its observations. Call it when it does not run any more.
  void finish_observations();

  // The same, but leaves unread what is left: a flood would take longer to read than to write.
  void abandon_observations();

  std::uint32_t number() const { return settings_.number; }
  std::uint64_t lines() const { return lines_; }
  // When it said something last that is an observation.
  MonotonicTime last_observation() const {
    return MonotonicTime(Duration(last_observation_.load()));
  }
  std::uint64_t output_bytes() const;
  std::string output_tail() const;

 private:
  Consumer(ConsumerSettings settings, ObservationLog& log, ChangeSignal& changed);

  // One process of it, and what it writes.
  struct Incarnation {
    ChildProcess child;
    std::unique_ptr<AppendFile> output_file;  // of a successor; null: the consumer's own
    std::unique_ptr<OutputCapture> capture;
  };

  Result<void> prepare_channel();
  LineSink sink();
  Result<std::unique_ptr<Incarnation>> incarnate(std::unique_ptr<AppendFile> output_file);
  void release(std::unique_ptr<Incarnation>& incarnation);

  ConsumerSettings settings_;
  ObservationLog& log_;
  ChangeSignal& changed_;
  std::string observations_;  // path or URL
  std::unique_ptr<AppendFile> output_file_;
  std::unique_ptr<ObservationTail> tail_;
  std::unique_ptr<ObservationServer> server_;
  std::unique_ptr<Incarnation> current_;
  std::unique_ptr<Incarnation> predecessor_;  // while a deployment goes on
  std::uint32_t successors_ = 0;
  std::string last_output_;  // of incarnations before
  std::uint64_t output_bytes_ = 0;
  std::atomic<std::uint64_t> lines_ = 0;
  std::atomic<std::int64_t> last_observation_ = 0;
};

}  // namespace autotape
