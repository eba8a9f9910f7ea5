// The provider's rules: who may connect, subscribe, receive and publish. No Mosquitto in here.
// mockbroker/README.md has the table of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "message/topic.hpp"
#include "x509/registry.hpp"

namespace autotape {

// Why something was refused, as the event log and the README name it.
enum class Rule {
  no_certificate,
  unknown_authority,
  unregistered_certificate,
  revoked_certificate,
  expired_certificate,
  certificate_not_yet_valid,
  client_id,            // is not the certificate id
  second_connection,    // of one certificate, where the older one stays
  refused_for_a_while,  // by a fault
  filter_scope,         // reaches outside of the App ID and environment
  filter_count,         // one more than allowed
  consumer_publishes,
  publisher_subscribes,
  system_topic,  // $…
};

std::string_view name_of(Rule rule);

struct RuleSettings {
  std::string environment = "sandbox";
  StreamVersion stream = StreamVersion::v1;
  std::uint32_t topic_filters = 1;
  bool refuse_second_connection = false;
  bool client_id_is_certificate_id = true;
};

// What a client may see: its App ID's messages in the broker's environment.
class Scope {
 public:
  Scope(const RuleSettings& settings, const std::string& app_id);

  // May the client subscribe to `filter`? Whatever else is subscribed.
  bool allows_filter(std::string_view filter) const;

  // May a message of `topic` be delivered to the client? Cheap: asked for each delivery.
  bool allows_topic(std::string_view topic) const;

 private:
  bool v1_;
  std::string base_;    // {environment}/level13/{app id}
  std::string filter_;  // what covers everything allowed
};

// A client that wants in, with the certificate that the TLS handshake has seen.
struct ConnectAttempt {
  std::string_view client_id;
  const RegisteredCertificate* certificate = nullptr;  // null: not registered
  bool certificate_in_use = false;                     // by another live connection
  CertificateTime now;
};

// Nothing: come in.
std::optional<Rule> judge_connect(const RuleSettings& settings, const Registry& registry,
                                  const ConnectAttempt& attempt);

// Does the certificate still count? For live sessions, when registry or time have changed.
std::optional<Rule> judge_certificate(const RegisteredCertificate* certificate,
                                      CertificateTime now);

std::optional<Rule> judge_publish(CertificateRole role, std::string_view topic);

}  // namespace autotape
