#include "mockbroker/plugin/module/broker_callbacks.hpp"

#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <mosquitto_plugin.h>
#include <unistd.h>

#include "core/file.hpp"
#include "core/text.hpp"
#include "mockbroker/plugin/message_id.hpp"
#include "mockbroker/plugin/module/event_line.hpp"
#include "mockbroker/plugin/module/return_code.hpp"
#include "mockbroker/plugin/protocol.hpp"
#include "x509/certificate.hpp"

namespace autotape {
namespace {

constexpr const char* sessions_path = "sessions";

void emit_refused(Rule rule, std::string_view id, std::string_view app_id,
                  std::string_view address) {
  emit("@refused\t{}\t{}\t{}\t{}", name_of(rule), printable(id), printable(app_id), address);
}

std::string_view text_or_empty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

Result<std::unique_ptr<BrokerCallbacks>> BrokerCallbacks::create(const PluginSettings& settings) {
  std::unique_ptr<BrokerCallbacks> callbacks(new BrokerCallbacks(settings));
  AUTOTAPE_TRY(callbacks->load_registry());
  if (!callbacks->open_sessions()) {
    return file_error(sessions_path, "cannot be opened for writing");
  }
  return callbacks;
}

bool BrokerCallbacks::open_sessions() {
  const auto text = read_file(sessions_path);
  const auto append = [this](std::string_view line) {
    return ::write(sessions_file_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  };
  sessions_ =
      std::make_unique<SessionFile>(text ? std::string_view(*text) : std::string_view(), append);
  if (!write_file(sessions_path, sessions_->compact(), FileAccess::owner_only)) {
    return false;
  }
  sessions_file_ = ::open(sessions_path, O_WRONLY | O_APPEND | O_CLOEXEC);
  return sessions_file_ >= 0;
}

int BrokerCallbacks::on_connect(const mosquitto_evt_basic_auth& event) {
  // What is asked for from now on is not the message that was published last, passed on, but what
  // waits for this client: the same one may be among it.
  message_payload_ = nullptr;
  void* const peer = mosquitto_client_certificate(event.client);
  if (peer == nullptr) {
    // At SIGHUP Mosquitto asks again for every session, offline ones too. A new connection always
    // has a certificate: the listener requires it.
    return reloading_ ? MOSQ_ERR_SUCCESS : MOSQ_ERR_AUTH;
  }
  const std::string id(text_or_empty(mosquitto_client_id(event.client)));
  const std::string fingerprint = Certificate::adopt(static_cast<x509_st*>(peer)).fingerprint();
  const auto known = live_.find(event.client);
  if (reloading_ && known != live_.end() && known->second.fingerprint == fingerprint) {
    return MOSQ_ERR_SUCCESS;
  }
  if (registry_.by_fingerprint(fingerprint) == nullptr) {
    look_at_registry();  // it may have been made a moment ago
  }
  ConnectAttempt attempt{id, registry_.by_fingerprint(fingerprint), false, certificate_now()};
  if (attempt.certificate != nullptr) {
    const auto other = live_by_certificate_.find(attempt.certificate->certificate_id);
    attempt.certificate_in_use =
        other != live_by_certificate_.end() && other->second != event.client;
  }
  if (const auto rule = judge(attempt, id)) {
    emit_refused(*rule, id, attempt.certificate == nullptr ? "" : attempt.certificate->app_id,
                 text_or_empty(mosquitto_client_address(event.client)));
    return MOSQ_ERR_AUTH;
  }
  admit(event.client, id, *attempt.certificate);
  return MOSQ_ERR_SUCCESS;
}

std::optional<Rule> BrokerCallbacks::judge(const ConnectAttempt& attempt,
                                           const std::string& id) const {
  if (const auto refused = judge_connect(settings_.rules, registry_, attempt)) {
    return refused;
  }
  const auto until = refused_until_.find(id);
  if (until != refused_until_.end() && std::chrono::steady_clock::now() < until->second) {
    return Rule::refused_for_a_while;
  }
  // Where any client id will do, it must still not be one of another certificate's sessions.
  const RememberedSession* session = sessions_->find(id);
  if (session != nullptr && session->certificate_id != attempt.certificate->certificate_id) {
    return Rule::client_id;
  }
  return std::nullopt;
}

void BrokerCallbacks::admit(mosquitto* handle, const std::string& id,
                            const RegisteredCertificate& certificate) {
  const bool clean = mosquitto_client_clean_session(handle);
  if (certificate.role != CertificateRole::publisher) {
    const auto other = live_by_certificate_.find(certificate.certificate_id);
    if (other != live_by_certificate_.end() && other->second != handle) {
      const auto older = live_.find(other->second);
      if (older != live_.end() && older->second.id != id) {
        to_kick_.push_back(older->second.id);  // with the same id Mosquitto itself takes it over
      }
    }
    live_by_certificate_[certificate.certificate_id] = handle;
    sessions_->begin(id, certificate.certificate_id);
    if (clean) {
      sessions_->clear(id);
    }
  }
  mosquitto_set_username(handle, certificate.app_id.c_str());
  live_.insert_or_assign(
      handle, Client{id, certificate.fingerprint, certificate.role, certificate.certificate_id,
                     Scope(settings_.rules, certificate.app_id), clean});
  std::string filters;
  if (const RememberedSession* session = sessions_->find(id)) {
    for (const auto& [filter, qos] : session->filters) {
      filters += "\t" + filter;
    }
  }
  emit("@authorised\t{}\t{}\t{}\t{}\t{}\t{}{}", id, name_of(certificate.role), certificate.app_id,
       certificate.certificate_id, mosquitto_client_protocol_version(handle), clean ? 1 : 0,
       filters);
}

int BrokerCallbacks::on_access(const mosquitto_evt_acl_check& event) {
  if (event.access == MOSQ_ACL_READ) {
    return on_delivery(event);
  }
  const auto found = live_.find(event.client);
  Client* const client = found == live_.end() ? nullptr : &found->second;
  switch (event.access) {
    case MOSQ_ACL_WRITE:
      return on_publish(client, event);
    case MOSQ_ACL_SUBSCRIBE:
      return client == nullptr ? MOSQ_ERR_ACL_DENIED : on_subscribe(*client, event);
    case MOSQ_ACL_UNSUBSCRIBE:
      if (client != nullptr) {
        sessions_->unsubscribe(client->id, event.topic);
        emit("@unsubscribed\t{}\t{}", client->id, event.topic);
      }
      return MOSQ_ERR_SUCCESS;
    default:
      return MOSQ_ERR_ACL_DENIED;
  }
}

int BrokerCallbacks::on_subscribe(Client& client, const mosquitto_evt_acl_check& event) {
  const auto refused = [&](Rule rule) {
    emit("@filter-refused\t{}\t{}\t{}", client.id, name_of(rule), event.topic);
    return MOSQ_ERR_ACL_DENIED;
  };
  if (client.role == CertificateRole::publisher) {
    return refused(Rule::publisher_subscribes);
  }
  if (!client.scope.allows_filter(event.topic)) {
    return refused(Rule::filter_scope);
  }
  // A session that Mosquitto has dropped (expired, or its database is gone) has no subscriptions
  // left; nothing else tells.
  if (!client.subscribed_before && mosquitto_client_sub_count(event.client) == 0) {
    sessions_->clear(client.id);
  }
  client.subscribed_before = true;
  const RememberedSession* session = sessions_->find(client.id);
  if (session != nullptr && !session->filters.contains(event.topic) &&
      session->filters.size() >= settings_.rules.topic_filters) {
    return refused(Rule::filter_count);
  }
  sessions_->subscribe(client.id, event.topic, event.qos);
  emit("@subscribed\t{}\t{}\t{}", client.id, event.qos, event.topic);
  return MOSQ_ERR_SUCCESS;
}

std::unique_ptr<BrokerCallbacks::Client> BrokerCallbacks::remembered_client(
    const mosquitto* handle) const {
  const std::string id(text_or_empty(mosquitto_client_id(handle)));
  const RememberedSession* session = sessions_->find(id);
  const RegisteredCertificate* certificate =
      session == nullptr ? nullptr : registry_.by_certificate_id(session->certificate_id);
  if (judge_certificate(certificate, certificate_now())) {
    return nullptr;
  }
  return std::make_unique<Client>(Client{id, certificate->fingerprint, certificate->role,
                                         certificate->certificate_id,
                                         Scope(settings_.rules, certificate->app_id)});
}

int BrokerCallbacks::on_delivery(const mosquitto_evt_acl_check& event) {
  const auto found = live_.find(event.client);
  std::unique_ptr<Client> offline;
  if (found == live_.end()) {
    offline = remembered_client(event.client);
    if (!offline) {
      return MOSQ_ERR_ACL_DENIED;
    }
  }
  const Client& client = offline ? *offline : found->second;
  if (client.role == CertificateRole::publisher || !client.scope.allows_topic(event.topic)) {
    return MOSQ_ERR_ACL_DENIED;
  }
  const bool dropped = offline && event.qos == 0;  // not queued for who is away
  if (settings_.message_lines && !dropped) {
    const bool routed_now =
        event.payload == message_payload_ && std::string_view(event.topic) == message_topic_;
    emit("@queued\t{}\t{}\t{}", routed_now ? message_number_ : 0, client.id, event.topic);
  }
  return MOSQ_ERR_SUCCESS;
}

int BrokerCallbacks::on_publish(const Client* client, const mosquitto_evt_acl_check& event) {
  const CertificateRole role = client == nullptr ? CertificateRole::consumer : client->role;
  const auto rule = judge_publish(role, event.topic);
  if (!rule) {
    return MOSQ_ERR_SUCCESS;
  }
  // A will is published when its client is gone.
  emit("@publish-refused\t{}\t{}\t{}", text_or_empty(mosquitto_client_id(event.client)),
       name_of(*rule), event.topic);
  return MOSQ_ERR_ACL_DENIED;
}

int BrokerCallbacks::on_message(const mosquitto_evt_message& event) {
  if (settings_.message_lines) {
    ++message_number_;
    message_payload_ = event.payload;
    message_topic_ = event.topic;
    emit("@published\t{}\t{}\t{}\t{}", message_number_,
         text_or_empty(mosquitto_client_id(event.client)), event.topic,
         find_message_id({static_cast<const char*>(event.payload), event.payloadlen}));
  }
  return MOSQ_ERR_SUCCESS;
}

int BrokerCallbacks::on_disconnect(const mosquitto_evt_disconnect& event) {
  const auto found = live_.find(event.client);
  if (found == live_.end()) {
    return MOSQ_ERR_SUCCESS;
  }
  const Client& client = found->second;
  const auto current = live_by_certificate_.find(client.certificate_id);
  const bool taken_over = client.role != CertificateRole::publisher &&
                          current != live_by_certificate_.end() && current->second != event.client;
  if (!taken_over && client.role != CertificateRole::publisher) {
    live_by_certificate_.erase(client.certificate_id);
    if (client.clean_session && mosquitto_client_protocol_version(event.client) < 5) {
      sessions_->clear(client.id);  // the session ends with its connection
    }
  }
  emit("@gone\t{}\t{}", client.id,
       taken_over ? "taken over by a newer connection" : describe_disconnect(event.reason));
  live_.erase(found);
  return MOSQ_ERR_SUCCESS;
}

int BrokerCallbacks::on_tick() {
  reloading_ = false;
  if (command_waits.exchange(false)) {
    obey_commands();
  }
  watch_registry();
  for (const std::string& id : std::exchange(to_kick_, {})) {
    kick(id);
  }
  std::fflush(stdout);
  return MOSQ_ERR_SUCCESS;
}

int BrokerCallbacks::on_reload() {
  reloading_ = true;
  return MOSQ_ERR_SUCCESS;
}

void BrokerCallbacks::on_untrusted(x509_st* certificate) {
  const Certificate seen = Certificate::adopt(certificate);
  const RegisteredCertificate* known = registry_.by_fingerprint(seen.fingerprint());
  emit_refused(Rule::unknown_authority, known == nullptr ? "" : known->certificate_id,
               seen.common_name(), "");
}

}  // namespace autotape
