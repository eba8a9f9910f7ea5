// Mosquitto as a child of the supervisor: its configuration, start, signals and end.
#pragma once

#include <string>

#include <sys/types.h>

#include "core/result.hpp"
#include "core/time.hpp"
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

  // Its standard output: Mosquitto's log and the plugin's lines. Readable until it has ended.
  int output() const { return output_; }

  void signal(int number) const;

  // Sends a command to the plugin and waits for "ok" (plugin/protocol.hpp).
  Result<void> command(const std::string& text) const;

  // True if it has ended; says how.
  bool ended(std::string& how);

  // Waits for the end; false if it is still there when the time is over.
  bool wait(Duration timeout);

 private:
  MosquittoProcess(pid_t pid, int output, int commands)
      : pid_(pid), output_(output), commands_(commands) {}

  pid_t pid_ = -1;
  int output_ = -1;
  int commands_ = -1;
};

}  // namespace autotape
