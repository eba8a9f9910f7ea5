// What Mosquitto and the plugin write, read while they run: to the event log, to the log for
// people, and to the table of clients.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/file.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "mockbroker/harness/event_log.hpp"
#include "mockbroker/harness/mosquitto_log.hpp"
#include "mockbroker/harness/settings.hpp"

namespace autotape {

// Thread-safe. One life of Mosquitto after the other: read(), wait_for_end(), read(), …
class BrokerOutput {
 public:
  // `before_logging` sees each event before it stands in the log, so that who reads the log finds
  // it true. On the reading thread, under the lock of inspect().
  BrokerOutput(EventDetail detail, EventLog& events, AppendFile& for_people,
               std::function<void(const BrokerEvent&)> before_logging);
  ~BrokerOutput();

  // Reads `output`, which it takes over, on a thread of its own until the other side is closed.
  void read(int output);

  enum class Readiness { ready, ended, time_over };
  Readiness wait_until_ready(Duration timeout);

  // All that was written before the plugin's answer to that command is handled; false if it does
  // not come.
  bool wait_for_answer(std::uint64_t command, Duration timeout);

  // All that Mosquitto has written is handled. Tells that who was connected no longer is.
  void wait_for_end();

  // Under the lock: no line is handled in between.
  void inspect(const std::function<void(MosquittoLog&)>& work);

  std::string last_words();  // the last line for people

 private:
  void run(int output);
  void take_lines(std::string& buffer);

  EventDetail detail_;
  EventLog& events_;
  AppendFile& for_people_;
  std::function<void(const BrokerEvent&)> before_logging_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable changed_;
  MosquittoLog log_;
  std::string last_words_;
  bool ended_ = true;
};

}  // namespace autotape
