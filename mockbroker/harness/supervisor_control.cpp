// What the supervisor tells handles and commands, and what it does for them.
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mockbroker/harness/control.hpp"
#include "mockbroker/harness/socket_address.hpp"
#include "mockbroker/harness/supervisor.hpp"

namespace autotape {

void Supervisor::serve_request() {
  const int socket = ::accept4(control_, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) {
    return;
  }
  const timeval patience{2, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (const auto request = receive_json(socket, "request")) {
    const Json reply = answer(*request);
    if (stop_now_) {
      stop();
    }
    send_json(socket, reply);
  }
  ::close(socket);
}

Json Supervisor::answer(const Json& request) {
  const std::string wanted = request.value("do", "");
  Result<void> done;
  if (wanted == "status") {
    return status();
  }
  if (wanted == "stop") {
    stop_now_ = true;
  } else if (wanted == "reload") {
    done = mosquitto_ ? command("reload") : Result<void>();
  } else if (wanted == "start over") {
    done = start_over();
  } else if (wanted == "fault") {
    const auto fault = fault_from_json(request, "fault");
    done = fault ? inject(*fault) : Result<void>(fault.error());
  } else {
    done = usage_error(fmt::format("the supervisor knows no '{}'", wanted));
  }
  return done ? Json{{"ok", true}} : error_to_json(done.error());
}

Json Supervisor::status() {
  Json json;
  json["running"] = true;
  json.update(description());
  json["mosquitto_pid"] = mosquitto_ ? mosquitto_->pid() : 0;
  if (const auto whole = events_->state(); !whole) {
    json["event_log_failure"] = whole.error().line();
  }
  json["clients"] = Json::array();
  output_->inspect([&](const MosquittoLog& log) {
    for (const ConnectedClient& client : log.clients()) {
      json["clients"].push_back({{"id", client.id},
                                 {"role", client.role},
                                 {"app_id", client.app_id},
                                 {"address", client.address},
                                 {"topic_filters", client.topic_filters}});
    }
  });
  return json;
}

Json Supervisor::description() const {
  const StateDirectory& files = directory_;
  std::string host = local_host_of(settings_.bind);
  std::uint16_t port = port_;
  if (settings_.advertise) {
    const std::size_t colon = settings_.advertise->rfind(':');
    host = settings_.advertise->substr(0, colon);
    port = static_cast<std::uint16_t>(std::stoi(settings_.advertise->substr(colon + 1)));
  }
  Json json;
  json["pid"] = ::getpid();
  json["host"] = host;
  json["port"] = port;
  json["bind"] = settings_.bind;
  json["listen_port"] = port_;
  json["app_id"] = *settings_.app_id;
  json["environment"] = *settings_.environment;
  json["stream"] = std::string(name_of(*settings_.stream));
  json["topic"] = application_filter(*settings_.stream, *settings_.environment, *settings_.app_id);
  json["ca_file"] = files.ca_file();
  return json;
}

}  // namespace autotape
