// The process that owns a broker: Mosquitto, the proxy, certificates, registry and event log.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/result.hpp"
#include "mockbroker/harness/event_log.hpp"
#include "mockbroker/harness/fault.hpp"
#include "mockbroker/harness/mosquitto_log.hpp"
#include "mockbroker/harness/mosquitto_process.hpp"
#include "mockbroker/harness/proxy.hpp"
#include "mockbroker/harness/settings.hpp"

namespace autotape {

class Supervisor {
 public:
  // Makes what is missing, starts everything, returns when the broker accepts connections. Changes
  // the process's working directory to the state directory and its signal mask: one for each
  // process.
  static Result<std::unique_ptr<Supervisor>> start(BrokerSettings settings);
  ~Supervisor();

  // What a handle needs to know (broker.cpp reads it; also running.json).
  Json description() const;

  // Serves until it is told to stop, by a command, SIGTERM, SIGINT or the end of `lifeline` (-1:
  // none).
  void serve(int lifeline);

 private:
  explicit Supervisor(BrokerSettings settings);

  Result<void> prepare();
  Result<void> listen();
  Result<void> start_mosquitto();
  Result<void> wait_until_ready();
  void read_output(int output);
  void join_reader();
  void log_lines(std::string& buffer);
  void happened(BrokerEvent& event);

  void mosquitto_ended();
  Result<void> stop_mosquitto(bool kill);
  Result<void> save_and_kill();
  Result<void> restart(const Restart& fault);
  Result<void> start_over();
  void remove_sessions();
  void stop();

  void answer_control();
  Json answer(const Json& request, bool& stop_now);
  Json status();

  Result<void> inject(const Fault& fault);
  Result<void> apply(const Disconnect& fault);
  Result<void> apply(const Refuse& fault);
  Result<void> apply(const Restart& fault) { return restart(fault); }
  Result<void> apply(const Pause& fault);
  Result<void> apply(const Resume& fault);
  Result<void> apply(const Latency& fault);
  Result<void> apply(const Bandwidth& fault);
  Result<void> apply(const Cut& fault);
  Result<void> apply(const Expire& fault);
  Result<void> apply(const RotateServerCertificate& fault);
  Result<void> need_proxy() const;
  Result<void> need_known(const ClientChoice& client) const;

  BrokerSettings settings_;
  StateDirectory directory_;
  MosquittoPaths paths_;
  int lock_ = -1;
  int control_ = -1;
  int signals_ = -1;
  std::uint16_t port_ = 0;
  std::unique_ptr<EventLog> events_;
  std::unique_ptr<AppendFile> log_;  // for people
  std::unique_ptr<Proxy> proxy_;
  std::optional<MosquittoProcess> mosquitto_;
  std::thread reader_;
  int deaths_ = 0;  // uncommanded, of Mosquitto

  std::mutex mutex_;  // of what the reader changes
  MosquittoLog mosquitto_log_;
  std::map<std::string, bool> armed_;  // clients to cut before their next PUBACK
  std::string last_words_;             // Mosquitto's last line for people, for errors at its start
};

// The hidden command of the program: reads settings from descriptor 3, answers there when the
// broker is ready, then serves. Gives the exit code.
int run_supervisor();

inline constexpr const char* supervisor_command = "broker-supervisor";
inline constexpr int start_descriptor = 3;
inline constexpr int lifeline_descriptor = 4;

}  // namespace autotape
