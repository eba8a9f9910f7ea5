// Mosquitto as a child of the supervisor: its configuration, start, signals and end.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <sys/types.h>

#include "core/result.hpp"
#include "core/time.hpp"
#include "mockbroker/harness/process_end.hpp"
#include "mockbroker/harness/settings.hpp"

namespace autotape {

// Relative to the state directory, which is Mosquitto's working directory: paths of sockets are
// short.
inline constexpr const char* tls_socket = "tls.sock";
inline constexpr const char* database_file = "mosquitto.db";

struct MosquittoPaths {
  std::string mosquitto;  // the program
  std::string plugin;     // the .so
};

// Finds the program in PATH and where Debian puts it, and the plugin beside this program or in
// ../lib/autotape.
Result<MosquittoPaths> find_mosquitto(const std::string& name);

// One life of Mosquitto. Dies with the thread that started it.
class MosquittoProcess {
 public:
  // The working directory is the state directory. `direct_port` is the TCP port to listen on where
  // there is no proxy, else 0.
  static Result<MosquittoProcess> start(const MosquittoPaths& paths, const BrokerSettings& settings,
                                        std::uint16_t direct_port);

  MosquittoProcess(MosquittoProcess&& other) noexcept;
  MosquittoProcess& operator=(MosquittoProcess&& other) noexcept;
  ~MosquittoProcess();  // kills

  pid_t pid() const { return pid_; }

  // Its standard output, for the caller to close: Mosquitto's log and the plugin's lines. Ends with
  // it.
  int take_output() { return std::exchange(output_, -1); }

  void signal(int number) const;

  // Sends a command to the plugin and waits for "ok" (plugin/protocol.hpp). Commands are numbered
  // from 1.
  Result<void> command(const std::string& text);
  std::uint64_t commands_sent() const { return commands_sent_; }

  // Waits for the end and says how; false if it is still there when the time is over.
  bool wait(Duration timeout, std::string& how);

 private:
  MosquittoProcess(pid_t pid, ProcessEnd end, int output, int commands)
      : pid_(pid), end_(std::move(end)), output_(output), commands_(commands) {}

  pid_t pid_ = -1;
  ProcessEnd end_;
  int output_ = -1;
  int commands_ = -1;
  std::uint64_t commands_sent_ = 0;
};

}  // namespace autotape
