// What the supervisor does for each fault.
#include <fmt/format.h>
#include <signal.h>

#include "mockbroker/harness/supervisor.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {

Result<void> Supervisor::inject(const Fault& fault) {
  if (!mosquitto_) {
    return connection_error(directory_.path(), "Mosquitto does not run");
  }
  BrokerEvent event;
  event.kind = BrokerEventKind::fault;
  const Json json = fault_to_json(fault);
  event.detail = write_document(json);
  if (json.contains("client")) {
    event.client = json["client"].get<std::string>();
  }
  events_->add(std::move(event));
  return std::visit([this](const auto& wanted) { return apply(wanted); }, fault);
}

Result<void> Supervisor::apply(const Disconnect& fault) {
  if (!fault.before_puback) {
    return mosquitto_->command(fault.client ? "kick\t" + *fault.client : "kick-consumers");
  }
  AUTOTAPE_TRY(need_proxy());
  if (settings_.events != EventDetail::messages) {
    return usage_error("a disconnect before PUBACK needs the messages in the event log",
                       "start the broker with --events messages");
  }
  if (!fault.client) {
    return usage_error("a disconnect before PUBACK needs a client");
  }
  // Under the lock no delivery is overlooked: it is either counted as unacknowledged, or still to
  // come.
  const std::lock_guard lock(mutex_);
  if (!proxy_->hold_input(*fault.client)) {
    return usage_error(fmt::format("client '{}' is not connected", *fault.client));
  }
  if (mosquitto_log_.unacknowledged(*fault.client) > 0) {
    proxy_->cut_when_answered(*fault.client, std::chrono::seconds(1));
  } else {
    armed_[*fault.client] = true;
  }
  return {};
}

Result<void> Supervisor::apply(const Refuse& fault) {
  AUTOTAPE_TRY(need_known(fault.client));
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(fault.duration).count();
  return mosquitto_->command(fmt::format("refuse\t{}\t{}", fault.client, milliseconds));
}

Result<void> Supervisor::apply(const Pause& fault) {
  AUTOTAPE_TRY(need_proxy());
  AUTOTAPE_TRY(need_known(fault.client));
  proxy_->set_fault(fault.client, fault.direction, [](FlowFault& flow) { flow.paused = true; });
  return {};
}

Result<void> Supervisor::apply(const Resume& fault) {
  AUTOTAPE_TRY(need_proxy());
  AUTOTAPE_TRY(need_known(fault.client));
  {
    const std::lock_guard lock(mutex_);
    if (fault.client) {
      armed_.erase(*fault.client);
    } else {
      armed_.clear();
    }
  }
  proxy_->clear_faults(fault.client);
  return {};
}

Result<void> Supervisor::apply(const Latency& fault) {
  AUTOTAPE_TRY(need_proxy());
  AUTOTAPE_TRY(need_known(fault.client));
  proxy_->set_fault(fault.client, fault.direction, [&](FlowFault& flow) {
    flow.latency = fault.latency;
    flow.jitter = fault.jitter;
  });
  return {};
}

Result<void> Supervisor::apply(const Bandwidth& fault) {
  AUTOTAPE_TRY(need_proxy());
  AUTOTAPE_TRY(need_known(fault.client));
  if (fault.bytes_per_second == 0) {
    return usage_error("a bandwidth is at least one byte a second",
                       "to let nothing pass use 'pause'");
  }
  proxy_->set_fault(fault.client, fault.direction,
                    [&](FlowFault& flow) { flow.bytes_per_second = fault.bytes_per_second; });
  return {};
}

Result<void> Supervisor::apply(const Cut& fault) {
  AUTOTAPE_TRY(need_proxy());
  AUTOTAPE_TRY(need_known(fault.client));
  proxy_->set_fault(fault.client, fault.direction,
                    [&](FlowFault& flow) { flow.cut_after = fault.after_bytes; });
  return {};
}

Result<void> Supervisor::apply(const Expire& fault) {
  AUTOTAPE_TRY(
      CertificateStore(directory_.path()).set_state(fault.client, CertificateState::expired));
  return mosquitto_->command("reload");
}

Result<void> Supervisor::apply(const RotateServerCertificate&) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  names.insert(names.end(), settings_.server_names.begin(), settings_.server_names.end());
  AUTOTAPE_TRY(CertificateStore(directory_.path()).rotate_server_certificate(names));
  mosquitto_->signal(SIGHUP);  // new connections see the new one, living ones stay
  return mosquitto_->command("sync");
}

Result<void> Supervisor::need_proxy() const {
  return proxy_ ? Result<void>()
                : Result<void>(
                      usage_error("this needs the proxy", "start the broker without --no-proxy"));
}

// A client that can exist: a certificate id, where that is the rule. Typing errors shall not pass
// silently.
Result<void> Supervisor::need_known(const ClientChoice& client) const {
  if (!client || !settings_.client_id_is_certificate_id) {
    return {};
  }
  AUTOTAPE_TRY_ASSIGN(const Registry registry, CertificateStore(directory_.path()).registry());
  if (registry.by_certificate_id(*client) == nullptr) {
    return usage_error(fmt::format("there is no client '{}'", *client),
                       "'autotape certs list' shows the certificate ids");
  }
  return {};
}

}  // namespace autotape
