// What reaches the plugin from outside of MQTT: the registry's changes and the supervisor's
// commands.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <mosquitto_broker.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "core/file.hpp"
#include "mockbroker/plugin/module/broker_callbacks.hpp"
#include "mockbroker/plugin/module/event_line.hpp"
#include "mockbroker/plugin/module/return_code.hpp"
#include "mockbroker/plugin/protocol.hpp"

namespace autotape {
namespace {

constexpr const char* registry_path = "registry";
constexpr auto look_interval = std::chrono::milliseconds(200);

std::int64_t registry_mtime() {
  struct stat status {};
  return ::stat(registry_path, &status) == 0
             ? status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec
             : 0;
}

}  // namespace

CertificateTime certificate_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Result<void> BrokerCallbacks::load_registry() {
  registry_time_ = registry_mtime();
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(registry_path));
  AUTOTAPE_TRY_ASSIGN(registry_, Registry::parse(text, registry_path));
  return {};
}

// The supervisor tells of changes; this is for programs that only change the file, and for
// certificates whose time has come.
void BrokerCallbacks::watch_registry() {
  const auto moment = std::chrono::steady_clock::now();
  if (moment < next_look_) {
    return;
  }
  next_look_ = moment + look_interval;
  obey_commands();  // in case a signal came before its command could be seen
  look_at_registry();
  close_connections_of_bad_certificates();
}

void BrokerCallbacks::look_at_registry() {
  if (registry_mtime() != registry_time_) {
    (void)load_registry();  // renamed into place, so never half-written
  }
}

void BrokerCallbacks::close_connections_of_bad_certificates() {
  std::vector<std::string> bad;
  for (const auto& [handle, client] : live_) {
    if (judge_certificate(registry_.by_fingerprint(client.fingerprint), certificate_now())) {
      bad.push_back(client.id);
    }
  }
  for (const std::string& id : bad) {
    kick(id);
  }
}

void BrokerCallbacks::obey_commands() {
  std::array<char, 4096> buffer;
  while (settings_.command_socket >= 0) {
    const ssize_t size =
        ::recv(settings_.command_socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) {
      return;
    }
    const std::string_view request(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t tab = std::min(request.find('\t'), request.size());
    const std::string_view number = request.substr(0, tab);
    const std::string answer =
        fmt::format("{}\t{}", number, obey(request.substr(std::min(tab + 1, request.size()))));
    emit("@answered\t{}", number);
    std::fflush(stdout);  // what the command caused is told before its answer
    (void)::send(settings_.command_socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

std::string BrokerCallbacks::obey(std::string_view command) {
  const auto fields = split_fields(command);
  if (fields[0] == "kick" && fields.size() == 2) {
    return kick(std::string(fields[1])) ? "ok" : "not connected";
  }
  if (fields[0] == "kick-consumers") {
    kick_consumers();
    return "ok";
  }
  if (fields[0] == "reload") {
    const auto loaded = load_registry();
    close_connections_of_bad_certificates();
    return loaded ? "ok" : loaded.error().line();
  }
  if (fields[0] == "refuse" && fields.size() == 3) {
    std::int64_t milliseconds = 0;
    std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), milliseconds);
    const std::string id(fields[1]);
    refused_until_[id] = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    kick(id);
    return "ok";
  }
  return fields[0] == "sync" ? "ok" : "no such command";
}

// Never an offline client: Mosquitto 2.0.11 may then use memory that it has freed.
bool BrokerCallbacks::kick(const std::string& client_id) {
  const bool connected = std::any_of(
      live_.begin(), live_.end(), [&](const auto& entry) { return entry.second.id == client_id; });
  return connected &&
         mosquitto_kick_client_by_clientid(client_id.c_str(), true) == MOSQ_ERR_SUCCESS;
}

void BrokerCallbacks::kick_consumers() {
  std::vector<std::string> ids;
  for (const auto& [handle, client] : live_) {
    if (client.role != CertificateRole::publisher) {
      ids.push_back(client.id);
    }
  }
  for (const std::string& id : ids) {
    kick(id);
  }
}

}  // namespace autotape
