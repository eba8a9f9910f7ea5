#include "mockbroker/harness/broker.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mockbroker/harness/control.hpp"
#include "mockbroker/harness/supervisor.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {
namespace {

constexpr auto end_timeout = std::chrono::seconds(30);

std::string absolute(const std::string& path) {
  std::string normal = std::filesystem::absolute(path).lexically_normal();
  while (normal.size() > 1 && normal.ends_with('/')) {
    normal.pop_back();
  }
  return normal;
}

// Starts the supervisor with `channel` as its start_descriptor. It leaves at once for a process of
// its own, so that it is nobody's child.
Result<void> spawn_supervisor(std::string program, int channel) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // Via a high number: where both are the same, dup2 would leave the descriptor to be closed at
  // exec.
  constexpr int high = 200;
  ::posix_spawn_file_actions_adddup2(&actions, channel, high);
  ::posix_spawn_file_actions_adddup2(&actions, high, start_descriptor);
  ::posix_spawn_file_actions_addclose(&actions, high);

  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);

  std::string command = supervisor_command;
  char* const arguments[] = {program.data(), command.data(), nullptr};
  pid_t child = -1;
  const int failed =
      ::posix_spawn(&child, program.c_str(), &actions, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return file_error(program, fmt::format("cannot be started: {}", std::strerror(failed)));
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return {};
}

BrokerStatus status_from(const Json& json) {
  BrokerStatus status;
  status.running = json.value("running", false);
  status.pid = json.value("pid", 0);
  status.mosquitto_pid = json.value("mosquitto_pid", 0);
  status.host = json.value("host", "");
  status.port = json.value("port", std::uint16_t{0});
  status.app_id = json.value("app_id", "");
  status.environment = json.value("environment", "");
  status.stream = stream_version(json.value("stream", "v1")).value_or(StreamVersion::v1);
  status.event_log_failure = json.value("event_log_failure", "");
  for (const Json& client : json.value("clients", Json::array())) {
    status.clients.push_back({client.value("id", ""), client.value("app_id", ""),
                              client.value("role", ""),
                              client.value("topic_filters", std::vector<std::string>())});
  }
  return status;
}

}  // namespace

Result<Broker> Broker::start(const BrokerSettings& wanted) {
  BrokerSettings settings = wanted;
  AUTOTAPE_TRY(check_settings(settings));
  settings.directory = absolute(settings.directory);
  if (settings.owned) {
    settings.owner = ::getpid();
  }
  std::array<int, 2> channel{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) != 0) {
    return internal_error(fmt::format("cannot start the broker: {}", std::strerror(errno)));
  }
  const std::string program =
      settings.autotape_program.empty() ? "/proc/self/exe" : settings.autotape_program;
  const auto spawned = spawn_supervisor(program, channel[1]);
  ::close(channel[1]);
  Result<Json> answer = spawned ? Result<Json>(Json()) : Result<Json>(spawned.error());
  if (spawned) {
    send_json(channel[0], settings_to_json(settings));
    answer = receive_json(channel[0], settings.directory);
  }
  ::close(channel[0]);
  if (answer) {
    if (auto error = error_in(*answer)) {
      answer = *std::move(error);
    }
  }
  AUTOTAPE_TRY(answer);
  AUTOTAPE_TRY_ASSIGN(BrokerConnection connection, broker_connection(settings.directory));
  return Broker(settings.directory, std::move(connection), settings.owned);
}

Result<std::optional<Broker>> Broker::find(const std::string& directory) {
  const std::string path = absolute(directory);
  if (!broker_runs_in(path)) {
    return std::optional<Broker>();
  }
  AUTOTAPE_TRY(ask_supervisor(path, {{"do", "status"}}));  // answers once it is ready
  AUTOTAPE_TRY_ASSIGN(BrokerConnection connection, broker_connection(path));
  return std::optional<Broker>(Broker(path, std::move(connection), false));
}

Broker::Broker(Broker&& other) noexcept
    : directory_(std::move(other.directory_)),
      connection_(std::move(other.connection_)),
      owned_(std::exchange(other.owned_, false)) {}

Broker& Broker::operator=(Broker&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(connection_, other.connection_);
  std::swap(owned_, other.owned_);
  return *this;
}

Broker::~Broker() {
  if (owned_) {
    (void)stop();
  }
}

Result<std::vector<Bundle>> Broker::consumer_bundles() const {
  AUTOTAPE_TRY_ASSIGN(const auto folders,
                      CertificateStore(directory_).bundle_folders(connection_.app_id));
  std::vector<Bundle> bundles;
  for (const std::string& folder : folders) {
    AUTOTAPE_TRY_ASSIGN(Bundle bundle, read_bundle(folder));
    bundles.push_back(std::move(bundle));
  }
  return bundles;
}

Result<BrokerStatus> Broker::status() const {
  AUTOTAPE_TRY_ASSIGN(const Json json, ask_supervisor(directory_, {{"do", "status"}}));
  return status_from(json);
}

Result<BrokerEventFollower> Broker::follow_events(EventStart start) const {
  return BrokerEventFollower::open(StateDirectory(directory_).events_file(), start);
}

Result<bool> Broker::wait_until(const std::function<bool(const BrokerStatus&)>& is_it,
                                Duration timeout) const {
  const MonotonicTime deadline = monotonic_now() + timeout;
  AUTOTAPE_TRY_ASSIGN(auto events, follow_events(EventStart::now));
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const BrokerStatus now, status());
    if (is_it(now)) {
      return true;
    }
    const Duration left = deadline - monotonic_now();
    if (left <= Duration::zero()) {
      return false;
    }
    // Whatever changes the status is an event; look again in any case, for logs that hold less.
    AUTOTAPE_TRY(events.next(std::min<Duration>(left, std::chrono::milliseconds(100))));
  }
}

Result<void> Broker::inject(const Fault& fault) const {
  Json request = fault_to_json(fault);
  request["do"] = "fault";
  AUTOTAPE_TRY(ask_supervisor(directory_, request));
  return {};
}

Result<void> Broker::reload_certificates() const {
  AUTOTAPE_TRY(ask_supervisor(directory_, {{"do", "reload"}}));
  return {};
}

Result<void> Broker::start_over() const {
  AUTOTAPE_TRY(ask_supervisor(directory_, {{"do", "start over"}}));
  return {};
}

Result<void> Broker::stop() {
  owned_ = false;
  return end_supervisor(directory_, end_timeout);
}

}  // namespace autotape
