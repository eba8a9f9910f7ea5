// The process that owns a broker: Mosquitto, the proxy, certificates, registry and event log.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/result.hpp"
#include "mockbroker/harness/broker_output.hpp"
#include "mockbroker/harness/event_log.hpp"
#include "mockbroker/harness/fault.hpp"
#include "mockbroker/harness/mosquitto_process.hpp"
#include "mockbroker/harness/process_end.hpp"
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

  // Serves until it is told to stop: by a command, SIGTERM, SIGINT or the end of its owner.
  void serve();

 private:
  explicit Supervisor(BrokerSettings settings);

  Result<void> prepare();
  Result<void> open_logs();
  void watch_output();
  Result<void> listen();
  void before_logging(const BrokerEvent& event);
  void take_signals();
  void stop();

  // Mosquitto's lives (supervisor_broker.cpp).
  Result<void> start_mosquitto();
  Result<void> wait_until_ready();
  void mosquitto_ended();
  Result<void> stop_mosquitto();
  Result<void> kill_mosquitto();
  Result<void> save_database();
  Result<void> start_over();
  static void remove_sessions();
  Result<void> command(const std::string& text);
  void note_end();

  // Requests of handles and commands (supervisor_control.cpp).
  void serve_request();
  Json answer(const Json& request);
  Json status();

  // Faults (supervisor_faults.cpp). A fault that cannot be had is refused by check(), before it is
  // logged.
  Result<void> inject(const Fault& fault);
  Result<void> check(const Fault& fault);
  Result<void> check(const Disconnect& fault);
  Result<void> check_connected(const ClientChoice& client);
  Result<void> check_client(const ClientChoice& client);
  Result<void> apply(const Disconnect& fault);
  Result<void> apply(const Refuse& fault);
  Result<void> apply(const Restart& fault);
  Result<void> apply(const Pause& fault);
  Result<void> apply(const Resume& fault);
  Result<void> apply(const Latency& fault);
  Result<void> apply(const Bandwidth& fault);
  Result<void> apply(const Cut& fault);
  Result<void> apply(const Expire& fault);
  Result<void> apply(const RotateServerCertificate& fault);

  BrokerSettings settings_;
  StateDirectory directory_;
  MosquittoPaths paths_;
  std::optional<ProcessEnd> owner_;
  int lock_ = -1;
  int control_ = -1;
  int signals_ = -1;
  std::uint16_t port_ = 0;
  bool stop_now_ = false;
  bool stopped_ = false;
  int deaths_ = 0;  // uncommanded, of Mosquitto
  std::unique_ptr<EventLog> events_;
  std::unique_ptr<AppendFile> log_;  // for people
  std::set<std::string> armed_;  // clients to cut before their next PUBACK; under output_'s lock
  std::unique_ptr<Proxy> proxy_;
  std::unique_ptr<BrokerOutput> output_;
  std::optional<MosquittoProcess> mosquitto_;
};

// The hidden command of the program: reads settings from descriptor 3, answers there when the
// broker is ready, then serves. Gives the exit code.
int run_supervisor();

inline constexpr const char* supervisor_command = "broker-supervisor";
inline constexpr int start_descriptor = 3;

// Messages under way between two runs; in the state directory, which is the working directory.
inline constexpr const char* pending_file = "pending.json";

}  // namespace autotape
