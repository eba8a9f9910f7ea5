// What the supervisor does for each fault.
#include <fmt/format.h>
#include <signal.h>

#include "mockbroker/harness/supervisor.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {
namespace {

bool acts_on_bytes(const Fault& fault) {
  return std::holds_alternative<Pause>(fault) || std::holds_alternative<Resume>(fault) ||
         std::holds_alternative<Latency>(fault) || std::holds_alternative<Bandwidth>(fault) ||
         std::holds_alternative<Cut>(fault);
}

// Without the proxy nothing can hold bytes back, and a kill would lose what is under way.
bool needs_proxy(const Fault& fault) {
  const auto* disconnect = std::get_if<Disconnect>(&fault);
  const auto* restart = std::get_if<Restart>(&fault);
  return acts_on_bytes(fault) || (disconnect != nullptr && disconnect->before_puback) ||
         (restart != nullptr && restart->kill);
}

ClientChoice client_of(const Fault& fault) {
  return std::visit(
      [](const auto& wanted) -> ClientChoice {
        if constexpr (requires { wanted.client; }) {
          return wanted.client;
        } else {
          return std::nullopt;
        }
      },
      fault);
}

Result<void> not_connected(const std::string& client) {
  return usage_error(fmt::format("client '{}' is not connected", client));
}

}  // namespace

Result<void> Supervisor::inject(const Fault& fault) {
  AUTOTAPE_TRY(check(fault));
  BrokerEvent event;
  event.kind = BrokerEventKind::fault;
  event.detail = write_document(fault_to_json(fault));
  event.client = client_of(fault);
  events_->add(std::move(event));
  return std::visit([this](const auto& wanted) { return apply(wanted); }, fault);
}

Result<void> Supervisor::check(const Fault& fault) {
  if (!mosquitto_) {
    return connection_error(directory_.path(), "Mosquitto does not run");
  }
  if (needs_proxy(fault) && !proxy_) {
    return usage_error("this needs the proxy", "start the broker without --no-proxy");
  }
  AUTOTAPE_TRY(check_client(client_of(fault)));
  if (const auto* disconnect = std::get_if<Disconnect>(&fault)) {
    return check(*disconnect);
  }
  if (const auto* cut = std::get_if<Cut>(&fault)) {
    return check_connected(cut->client);
  }
  if (const auto* bandwidth = std::get_if<Bandwidth>(&fault);
      bandwidth != nullptr && bandwidth->bytes_per_second == 0) {
    return usage_error("a bandwidth is at least one byte a second",
                       "to let nothing pass use 'pause'");
  }
  return {};
}

// A client that can exist: a certificate id, where that is the rule. Typing errors shall not pass
// silently.
Result<void> Supervisor::check_client(const ClientChoice& client) {
  if (!client || !settings_.client_id_is_certificate_id) {
    return {};
  }
  AUTOTAPE_TRY_ASSIGN(const Registry registry, CertificateStore(directory_.path()).registry());
  bool known = registry.by_certificate_id(*client) != nullptr;
  output_->inspect([&](const MosquittoLog& log) { known = known || log.is_connected(*client); });
  return known ? Result<void>()
               : Result<void>(usage_error(fmt::format("there is no client '{}'", *client),
                                          "'autotape certs list' shows the certificate ids"));
}

Result<void> Supervisor::check(const Disconnect& fault) {
  if (fault.before_puback && settings_.events != EventDetail::messages) {
    return usage_error("a disconnect before PUBACK needs the messages in the event log",
                       "start the broker with --events messages");
  }
  if (fault.before_puback && !fault.client) {
    return usage_error("a disconnect before PUBACK needs a client");
  }
  return check_connected(fault.client);
}

// For a fault of the connection that a client has now.
Result<void> Supervisor::check_connected(const ClientChoice& client) {
  if (!client) {
    return {};
  }
  AUTOTAPE_TRY(command("sync"));  // who has seen its CONNACK is known as connected
  bool connected = false;
  output_->inspect([&](const MosquittoLog& log) { connected = log.is_connected(*client); });
  return connected ? Result<void>() : not_connected(*client);
}

Result<void> Supervisor::apply(const Disconnect& fault) {
  if (!fault.before_puback) {
    return command(fault.client ? "kick\t" + *fault.client : "kick-consumers");
  }
  bool held = false;
  // No delivery is overlooked: it is either counted as unacknowledged, or still to come.
  output_->inspect([&](const MosquittoLog& log) {
    held = proxy_->hold_input(*fault.client);
    if (held && log.unacknowledged(*fault.client) > 0) {
      proxy_->cut_when_answered(*fault.client, std::chrono::seconds(1));
    } else if (held) {
      armed_.insert(*fault.client);
    }
  });
  return held ? Result<void>() : not_connected(*fault.client);
}

Result<void> Supervisor::apply(const Refuse& fault) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(fault.duration).count();
  return command(fmt::format("refuse\t{}\t{}", fault.client, milliseconds));
}

Result<void> Supervisor::apply(const Restart& fault) {
  AUTOTAPE_TRY(fault.kill ? kill_mosquitto() : stop_mosquitto());
  if (fault.forget_sessions) {
    remove_sessions();
    output_->inspect([](MosquittoLog& log) { log.forget_sessions(); });
    events_->add(BrokerEventKind::possible_loss, "the broker was told to forget all sessions");
  }
  return start_mosquitto();
}

Result<void> Supervisor::apply(const Pause& fault) {
  proxy_->set_fault(fault.client, fault.direction, [](FlowFault& flow) { flow.paused = true; });
  return {};
}

Result<void> Supervisor::apply(const Resume& fault) {
  output_->inspect([&](const MosquittoLog&) {
    if (fault.client) {
      armed_.erase(*fault.client);
    } else {
      armed_.clear();
    }
  });
  proxy_->clear_faults(fault.client);
  return {};
}

Result<void> Supervisor::apply(const Latency& fault) {
  proxy_->set_fault(fault.client, fault.direction, [&](FlowFault& flow) {
    flow.latency = fault.latency;
    flow.jitter = fault.jitter;
  });
  return {};
}

Result<void> Supervisor::apply(const Bandwidth& fault) {
  proxy_->set_fault(fault.client, fault.direction,
                    [&](FlowFault& flow) { flow.bytes_per_second = fault.bytes_per_second; });
  return {};
}

Result<void> Supervisor::apply(const Cut& fault) {
  const std::size_t connections = proxy_->set_fault(
      fault.client, fault.direction, [&](FlowFault& flow) { flow.cut_after = fault.after_bytes; });
  return connections > 0 || !fault.client ? Result<void>() : not_connected(*fault.client);
}

Result<void> Supervisor::apply(const Expire& fault) {
  AUTOTAPE_TRY(
      CertificateStore(directory_.path()).set_state(fault.client, CertificateState::expired));
  return command("reload");
}

Result<void> Supervisor::apply(const RotateServerCertificate&) {
  AUTOTAPE_TRY(CertificateStore(directory_.path())
                   .rotate_server_certificate(server_certificate_names(settings_)));
  mosquitto_->signal(SIGHUP);  // new connections see the new one, living ones stay
  return command("sync");
}

}  // namespace autotape
