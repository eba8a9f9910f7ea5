// The mock broker as a C++ call: start, find, ask, wait, stop.
//
// A broker is a process of its own (the supervisor: this program, started once more) that owns
// Mosquitto, the proxy in front of it and the event log. Everything here talks to that process, so
// several handles to one broker may exist, in several programs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/result.hpp"
#include "core/time.hpp"
#include "journal/broker_event.hpp"
#include "message/topic.hpp"
#include "mockbroker/harness/connection.hpp"
#include "mockbroker/harness/fault.hpp"
#include "mockbroker/harness/settings.hpp"
#include "x509/bundle.hpp"

namespace autotape {

struct BrokerClient {
  std::string id;
  std::string app_id;  // the certificate's CN; of the publisher and recorder too
  std::string role;    // "consumer", "recorder", "publisher"
  std::vector<std::string> topic_filters;
};

struct BrokerStatus {
  bool running = false;
  pid_t pid = 0;            // the supervisor's
  pid_t mosquitto_pid = 0;  // changes at a restart
  std::string host;
  std::uint16_t port = 0;
  std::string app_id;
  std::string environment;
  StreamVersion stream = StreamVersion::v1;
  std::vector<BrokerClient> clients;  // connected now
  std::string event_log_failure;      // why the event log is not whole; empty: it is
};

// A broker that runs. Movable. Destroying the handle stops the broker if it was started as owned.
class Broker {
 public:
  // Returns when the listener accepts TLS connections. Fails if one runs in that directory already.
  static Result<Broker> start(const BrokerSettings& settings);

  // The broker that runs in `directory`; nothing if none does.
  static Result<std::optional<Broker>> find(const std::string& directory);

  Broker(Broker&& other) noexcept;
  Broker& operator=(Broker&& other) noexcept;
  ~Broker();

  const std::string& directory() const { return directory_; }  // absolute

  // Where to connect, and the credentials of the publisher and of the recorder.
  const BrokerConnection& connection() const { return connection_; }

  // Of the App ID; at least one. Read again at each call.
  Result<std::vector<Bundle>> consumer_bundles() const;

  Result<BrokerStatus> status() const;

  // Reads the event log from its beginning, or from what is logged after the call.
  Result<BrokerEventFollower> follow_events(EventStart start) const;

  // Waits until `is_it` holds for the status; false when the time is over.
  Result<bool> wait_until(const std::function<bool(const BrokerStatus&)>& is_it,
                          Duration timeout) const;

  // Does what the fault says and returns when it is done (or armed). See fault.hpp.
  Result<void> inject(const Fault& fault) const;

  // Certificates were issued or revoked: takes effect before it returns. (Without the call: within
  // a second.)
  Result<void> reload_certificates() const;

  // As if it had just been started with its certificates and nothing else: connections are ended,
  // sessions, queued and retained messages and faults forgotten; the port stays. The event log
  // begins anew; the former one, complete, is the state directory's previous_events_file().
  Result<void> start_over() const;

  // Ends all connections, saves what is queued, ends the processes. Fine if it is gone already.
  Result<void> stop();

 private:
  Broker(std::string directory, BrokerConnection connection, bool owned)
      : directory_(std::move(directory)), connection_(std::move(connection)), owned_(owned) {}

  std::string directory_;
  BrokerConnection connection_;
  bool owned_ = false;
};

}  // namespace autotape
