#include "mockbroker/harness/supervisor.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/rfc3339.hpp"
#include "mockbroker/harness/connection.hpp"
#include "mockbroker/harness/control.hpp"
#include "mockbroker/harness/socket_address.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

constexpr auto start_timeout = std::chrono::seconds(20);
constexpr auto stop_timeout = std::chrono::seconds(20);
constexpr int most_deaths = 5;
constexpr const char* pending_file = "pending.json";
constexpr const char* sessions_file = "sessions";

BrokerEvent event_of(BrokerEventKind kind, std::string detail = {}) {
  BrokerEvent event;
  event.kind = kind;
  if (!detail.empty()) {
    event.detail = std::move(detail);
  }
  return event;
}

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

sigset_t handled_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    ::sigaddset(&signals, signal);
  }
  return signals;
}

bool accepts(const sockaddr* address, socklen_t size) {
  const int probe = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool accepted = ::connect(probe, address, size) == 0;
  ::close(probe);
  return accepted;
}

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::start(BrokerSettings settings) {
  raise_file_limit();
  std::error_code reason;
  fs::create_directories(settings.directory, reason);
  if (reason) {
    return file_error(settings.directory, "cannot make the state directory: " + reason.message(),
                      "check the permissions, or choose another --dir");
  }
  std::unique_ptr<Supervisor> supervisor(new Supervisor(std::move(settings)));
  AUTOTAPE_TRY(supervisor->prepare());
  AUTOTAPE_TRY(supervisor->listen());
  AUTOTAPE_TRY(supervisor->start_mosquitto());
  AUTOTAPE_TRY(write_file(supervisor->directory_.running_file(),
                          write_document_indented(supervisor->description())));
  return supervisor;
}

Supervisor::Supervisor(BrokerSettings settings)
    : settings_(std::move(settings)),
      directory_(settings_.directory),
      mosquitto_log_(settings_.events) {}

Supervisor::~Supervisor() {
  stop();
  join_reader();
  for (const int descriptor : {control_, signals_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
  // The lock is kept until the process is gone: who waits for that waits for all of it.
}

void Supervisor::join_reader() {
  if (reader_.joinable()) {
    reader_.join();
  }
}

Result<void> Supervisor::prepare() {
  AUTOTAPE_TRY_ASSIGN(paths_, find_mosquitto(settings_.mosquitto));
  lock_ = ::open(directory_.lock_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    return file_error(directory_.path(), fmt::format("cannot be written: {}", std::strerror(errno)),
                      "check the permissions, or choose another --dir");
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return connection_error(directory_.path(), "a broker runs there already",
                            "'autotape broker status' shows it, 'autotape broker down' ends it");
  }
  ::chmod(directory_.path().c_str(), 0700);
  AUTOTAPE_TRY(complete_settings(settings_));
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  names.insert(names.end(), settings_.server_names.begin(), settings_.server_names.end());
  AUTOTAPE_TRY(CertificateStore(directory_.path()).prepare(*settings_.app_id, names));
  AUTOTAPE_TRY(
      write_file(directory_.settings_file(), write_document_indented(settings_to_json(settings_))));
  if (::chdir(directory_.path().c_str()) != 0) {
    return file_error(directory_.path(),
                      fmt::format("cannot be entered: {}", std::strerror(errno)));
  }
  AUTOTAPE_TRY_ASSIGN(events_, EventLog::create(directory_.events_file()));
  AUTOTAPE_TRY_ASSIGN(
      log_, open_append_file(directory_.log_file(), OpenMode::truncate, FileAccess::owner_only));
  if (fs::exists(directory_.running_file())) {
    events_->add(event_of(BrokerEventKind::possible_loss,
                          "the broker's former run was not ended by 'broker down'"));
  }
  if (const auto text = read_file(pending_file)) {
    if (const auto json = parse_document(*text, pending_file)) {
      mosquitto_log_.restore_pending(*json);
    }
    fs::remove(pending_file);
  }
  return {};
}

Result<void> Supervisor::listen() {
  const sigset_t signals = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  AUTOTAPE_TRY_ASSIGN(control_, listen_for_control(directory_.path()));
  if (settings_.proxy) {
    AUTOTAPE_TRY_ASSIGN(proxy_, Proxy::listen(settings_.bind, settings_.port, tls_socket));
    port_ = proxy_->port();
    return {};
  }
  // Mosquitto cannot choose a port itself: take one that is free, and give it back for Mosquitto.
  AUTOTAPE_TRY_ASSIGN(const int probe, listen_on(settings_.bind, settings_.port));
  port_ = port_of(probe);
  ::close(probe);
  return {};
}

Result<void> Supervisor::start_mosquitto() {
  AUTOTAPE_TRY_ASSIGN(mosquitto_,
                      MosquittoProcess::start(paths_, settings_, settings_.proxy ? 0 : port_));
  join_reader();
  // The reader has a descriptor of its own: it reads what is left when the process is gone already.
  const int output = ::fcntl(mosquitto_->output(), F_DUPFD_CLOEXEC, 0);
  reader_ = std::thread([this, output] { read_output(output); });
  AUTOTAPE_TRY(wait_until_ready());
  events_->add(event_of(BrokerEventKind::started));
  if (proxy_) {
    proxy_->open();
  }
  return {};
}

Result<void> Supervisor::wait_until_ready() {
  sockaddr_un unix_address{};
  unix_address.sun_family = AF_UNIX;
  std::strcpy(unix_address.sun_path, tls_socket);
  const auto is_ready = [&] {
    if (settings_.proxy) {
      return accepts(reinterpret_cast<const sockaddr*>(&unix_address), sizeof unix_address);
    }
    return is_reachable(local_host_of(settings_.bind), port_);
  };
  const MonotonicTime deadline = monotonic_now() + start_timeout;
  while (!is_ready()) {
    std::string how;
    if (mosquitto_->ended(how)) {
      join_reader();
      const std::lock_guard lock(mutex_);
      return connection_error("mosquitto", fmt::format("did not start ({}): {}", how, last_words_),
                              "see " + directory_.log_file());
    }
    if (monotonic_now() >= deadline) {
      return connection_error("mosquitto", "did not start in time", "see " + directory_.log_file());
    }
    ::poll(nullptr, 0, 2);
  }
  return {};
}

// On the reader's thread, until Mosquitto has ended.
void Supervisor::read_output(int output) {
  std::string pending;
  std::array<char, 256 * 1024> buffer;
  while (true) {
    const ssize_t count = ::read(output, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    pending.append(buffer.data(), static_cast<std::size_t>(count));
    log_lines(pending);
  }
  ::close(output);
}

// Takes the whole lines off `buffer`.
void Supervisor::log_lines(std::string& buffer) {
  const std::lock_guard lock(mutex_);
  std::string lines;
  std::string for_people;
  const ReceivedTime now = wall_now();
  const auto on_event = [&](BrokerEvent event) {
    event.time = now;
    happened(event);
    const bool of_messages = event.kind >= BrokerEventKind::published;
    if (settings_.events == EventDetail::messages ||
        (settings_.events == EventDetail::clients && !of_messages)) {
      EventLog::append_line(lines, event);
    }
  };
  const auto on_line = [&](std::string_view line) {
    last_words_ = line;
    for_people += fmt::format("{} {}\n", format_rfc3339(now.time_since_epoch()), line);
  };
  std::size_t start = 0;
  for (std::size_t end = buffer.find('\n'); end != std::string::npos;
       end = buffer.find('\n', start)) {
    mosquitto_log_.take(std::string_view(buffer).substr(start, end - start), on_event, on_line);
    start = end + 1;
  }
  buffer.erase(0, start);
  events_->add_lines(lines);
  if (!for_people.empty()) {
    (void)log_->append(for_people);  // nothing depends on it
  }
}

// Before an event is logged, so that who reads it finds it true.
void Supervisor::happened(BrokerEvent& event) {
  if (!proxy_ || !event.client) {
    return;
  }
  if (event.kind == BrokerEventKind::connected && event.address) {
    proxy_->identify(*event.address, *event.client);
  }
  const bool sent =
      event.kind == BrokerEventKind::delivered || event.kind == BrokerEventKind::redelivered;
  if (sent && armed_.erase(*event.client) > 0) {
    proxy_->cut_when_answered(*event.client, std::chrono::seconds(1));
  }
}

void Supervisor::serve(int lifeline) {
  bool stop_now = false;
  while (!stop_now) {
    std::array<pollfd, 3> watched = {pollfd{signals_, POLLIN, 0}, pollfd{control_, POLLIN, 0},
                                     pollfd{lifeline, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      continue;
    }
    signalfd_siginfo signal{};
    while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGCHLD) {
        mosquitto_ended();
        stop_now = stop_now || !mosquitto_;
      } else if (signal.ssi_signo != SIGHUP) {
        stop_now = true;
      }
    }
    if (watched[2].revents != 0) {
      return;  // whoever owns this broker is gone
    }
    if (watched[1].revents != 0) {
      const int socket = ::accept4(control_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) {
        const timeval patience{2, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (const auto request = receive_json(socket, "request")) {
          const Json reply = answer(*request, stop_now);
          if (stop_now) {
            stop();
          }
          send_json(socket, reply);
        }
        ::close(socket);
      }
    }
  }
}

void Supervisor::mosquitto_ended() {
  std::string how;
  if (!mosquitto_ || !mosquitto_->ended(how)) {
    return;
  }
  if (proxy_) {
    proxy_->close();
  }
  join_reader();
  mosquitto_.reset();
  {
    const std::lock_guard lock(mutex_);
    mosquitto_log_.broker_ended([&](BrokerEvent event) { events_->add(std::move(event)); });
  }
  events_->add(event_of(BrokerEventKind::died, how));
  events_->add(
      event_of(BrokerEventKind::possible_loss,
               "Mosquitto ended on its own; what it had acknowledged since it last saved is gone"));
  if (++deaths_ <= most_deaths) {
    if (const auto started = start_mosquitto(); !started) {
      events_->add(event_of(BrokerEventKind::died, started.error().line()));
      mosquitto_.reset();
    }
  }
}

Result<void> Supervisor::stop_mosquitto(bool kill) {
  if (!mosquitto_) {
    return {};
  }
  Result<void> saved;
  if (kill) {
    saved = save_and_kill();
  } else {
    mosquitto_->signal(SIGTERM);  // saves as it ends
  }
  if (proxy_) {
    proxy_->close();
  }
  if (!mosquitto_->wait(stop_timeout)) {
    mosquitto_->signal(SIGKILL);
    mosquitto_->wait(stop_timeout);
    events_->add(
        event_of(BrokerEventKind::possible_loss, "Mosquitto did not end when it was told to"));
  }
  join_reader();
  mosquitto_.reset();
  const std::lock_guard lock(mutex_);
  mosquitto_log_.broker_ended([&](BrokerEvent event) { events_->add(std::move(event)); });
  events_->add(
      event_of(BrokerEventKind::stopped, kill ? "killed, after everything was saved" : ""));
  return saved;
}

// Quiesce, save, kill: what was acknowledged up to the kill is in the database.
Result<void> Supervisor::save_and_kill() {
  AUTOTAPE_TRY(need_proxy());
  if (!proxy_->stop_input(std::chrono::seconds(10))) {
    proxy_->resume_input();
    return internal_error("Mosquitto does not take what it was sent");
  }
  AUTOTAPE_TRY(mosquitto_->command("sync"));  // what it has read is handled now
  const auto inode = [] {
    struct stat status {};
    return ::stat(database_file, &status) == 0 ? status.st_ino : 0;
  };
  const auto before = inode();
  mosquitto_->signal(SIGUSR1);
  const MonotonicTime deadline = monotonic_now() + stop_timeout;
  while (inode() == before) {  // a new file is renamed over the old one
    if (monotonic_now() >= deadline) {
      return internal_error("Mosquitto does not save its database");
    }
    ::poll(nullptr, 0, 1);
  }
  mosquitto_->signal(SIGKILL);
  return {};
}

Result<void> Supervisor::restart(const Restart& fault) {
  AUTOTAPE_TRY(stop_mosquitto(fault.kill));
  if (fault.forget_sessions) {
    remove_sessions();
    const std::lock_guard lock(mutex_);
    mosquitto_log_.forget_sessions();
    events_->add(
        event_of(BrokerEventKind::possible_loss, "the broker was told to forget all sessions"));
  }
  return start_mosquitto();
}

void Supervisor::remove_sessions() {
  fs::remove(database_file);
  fs::remove(sessions_file);
}

// Mosquitto's end completes the log of what was, before a new one begins.
Result<void> Supervisor::start_over() {
  AUTOTAPE_TRY(stop_mosquitto(false));
  remove_sessions();
  if (proxy_) {
    proxy_->clear_faults({});
  }
  {
    const std::lock_guard lock(mutex_);
    armed_.clear();
    mosquitto_log_ = MosquittoLog(settings_.events);
    AUTOTAPE_TRY_ASSIGN(events_, EventLog::create(directory_.events_file()));
  }
  return start_mosquitto();
}

void Supervisor::stop() {
  if (lock_ < 0 || !events_) {
    return;
  }
  (void)stop_mosquitto(false);
  proxy_.reset();
  if (settings_.temporary) {
    std::error_code ignored;
    fs::current_path("/", ignored);
    fs::remove_all(directory_.path(), ignored);
  } else if (fs::exists(directory_.running_file())) {
    const std::lock_guard lock(mutex_);
    (void)write_file(pending_file, write_document(mosquitto_log_.pending()),
                     FileAccess::owner_only);
    for (const std::string& name :
         {directory_.running_file(), std::string(control_socket), std::string(tls_socket)}) {
      ::unlink(name.c_str());
    }
  }
  events_.reset();
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

Json Supervisor::status() {
  Json json;
  json["running"] = true;
  json.update(description());
  json["mosquitto_pid"] = mosquitto_ ? mosquitto_->pid() : 0;
  json["clients"] = Json::array();
  const std::lock_guard lock(mutex_);
  for (const ConnectedClient& client : mosquitto_log_.clients()) {
    json["clients"].push_back({{"id", client.id},
                               {"role", client.role},
                               {"app_id", client.app_id},
                               {"address", client.address},
                               {"topic_filters", client.topic_filters}});
  }
  return json;
}

Json Supervisor::answer(const Json& request, bool& stop_now) {
  const std::string wanted = request.value("do", "");
  Result<void> done;
  if (wanted == "status") {
    return status();
  }
  if (wanted == "stop") {
    stop_now = true;
  } else if (wanted == "reload") {
    done = mosquitto_ ? mosquitto_->command("reload") : Result<void>();
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

int run_supervisor() {
  // Away from whoever started it: it waits for this process, not for the supervisor.
  if (const pid_t child = ::fork(); child != 0) {
    ::_exit(child > 0 ? 0 : 1);
  }
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(nothing, standard);
  }
  ::fcntl(start_descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(lifeline_descriptor, F_SETFD, FD_CLOEXEC);
  ::close_range(lifeline_descriptor + 1, ~0U, 0);

  const auto request = receive_json(start_descriptor, "settings");
  if (!request) {
    return 1;
  }
  auto settings = settings_from_json(*request, "settings");
  const bool owned = settings && settings->owned;
  auto supervisor = settings ? Supervisor::start(*std::move(settings))
                             : Result<std::unique_ptr<Supervisor>>(settings.error());
  send_json(start_descriptor,
            supervisor ? (*supervisor)->description() : error_to_json(supervisor.error()));
  ::close(start_descriptor);
  if (!supervisor) {
    return 1;
  }
  (*supervisor)->serve(owned ? lifeline_descriptor : -1);
  return 0;
}

}  // namespace autotape
