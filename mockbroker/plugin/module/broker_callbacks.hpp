// The plugin's state, and what it does at each of Mosquitto's events. All on the broker's only
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mosquitto_broker.h>

#include "core/result.hpp"
#include "mockbroker/plugin/rules.hpp"
#include "mockbroker/plugin/session_file.hpp"

struct x509_st;

namespace autotape {

struct PluginSettings {
  RuleSettings rules;
  bool message_lines = true;  // @published and @queued
  int command_socket = -1;
};

CertificateTime certificate_now();  // the wall clock, as certificates count

// Set by a signal handler: a look at the command socket at each TICK would cost more than the
// rules.
inline std::atomic<bool> command_waits = false;

class BrokerCallbacks {
 public:
  // Reads registry and sessions from the working directory.
  static Result<std::unique_ptr<BrokerCallbacks>> create(const PluginSettings& settings);

  int on_connect(const mosquitto_evt_basic_auth& event);
  int on_access(const mosquitto_evt_acl_check& event);
  int on_message(const mosquitto_evt_message& event);
  int on_disconnect(const mosquitto_evt_disconnect& event);
  int on_tick();
  int on_reload();

  // A certificate that TLS itself refuses: names it in the event log. Takes the reference over.
  void on_untrusted(x509_st* certificate);

 private:
  struct Client {
    std::string id;
    std::string fingerprint;
    CertificateRole role = CertificateRole::consumer;
    std::string certificate_id;
    Scope scope;
    bool clean_session = false;
    bool subscribed_before = false;  // in this connection
  };

  explicit BrokerCallbacks(const PluginSettings& settings) : settings_(settings) {}

  Result<void> load_registry();
  bool open_sessions();
  std::optional<Rule> judge(const ConnectAttempt& attempt, const std::string& id) const;
  void admit(mosquitto* handle, const std::string& id, const RegisteredCertificate& certificate);
  std::unique_ptr<Client> remembered_client(const mosquitto* handle) const;
  int on_subscribe(Client& client, const mosquitto_evt_acl_check& event);
  int on_delivery(const mosquitto_evt_acl_check& event);
  int on_publish(const Client* client, const mosquitto_evt_acl_check& event);
  void close_connections_of_bad_certificates();
  void watch_registry();
  void look_at_registry();
  void obey_commands();
  std::string obey(std::string_view command);
  bool kick(const std::string& client_id);
  void kick_consumers();

  PluginSettings settings_;
  Registry registry_;
  std::int64_t registry_time_ = 0;  // mtime in nanoseconds
  std::chrono::steady_clock::time_point next_look_;
  std::unique_ptr<SessionFile> sessions_;
  int sessions_file_ = -1;
  std::unordered_map<const mosquitto*, Client> live_;
  std::unordered_map<std::string, const mosquitto*> live_by_certificate_;  // certificate id
  std::unordered_map<std::string, std::chrono::steady_clock::time_point> refused_until_;
  std::vector<std::string> to_kick_;
  bool reloading_ = false;

  // The message that is being routed: deliveries of it follow its MESSAGE event at once.
  std::uint64_t message_number_ = 0;
  const void* message_payload_ = nullptr;
  std::string message_topic_;
};

}  // namespace autotape
