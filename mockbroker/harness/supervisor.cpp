#include "mockbroker/harness/supervisor.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mockbroker/harness/control.hpp"
#include "mockbroker/harness/runtime_file.hpp"
#include "mockbroker/harness/socket_address.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

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

// Made if it is not there. What will be removed at the end must be ours from the beginning.
Result<void> make_directory(const BrokerSettings& settings) {
  std::error_code reason;
  fs::create_directories(settings.directory, reason);
  if (reason) {
    return file_error(settings.directory, "cannot make the state directory: " + reason.message(),
                      "check the permissions, or choose another --dir");
  }
  if (settings.temporary && !fs::is_empty(settings.directory, reason)) {
    return usage_error(fmt::format("{} is not empty, and a temporary broker removes its directory",
                                   settings.directory),
                       "name a directory that does not exist yet");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::start(BrokerSettings settings) {
  raise_file_limit();
  AUTOTAPE_TRY(make_directory(settings));
  std::unique_ptr<Supervisor> supervisor(new Supervisor(std::move(settings)));
  AUTOTAPE_TRY(supervisor->prepare());
  AUTOTAPE_TRY(supervisor->open_logs());
  AUTOTAPE_TRY(supervisor->listen());
  AUTOTAPE_TRY(supervisor->start_mosquitto());
  AUTOTAPE_TRY(write_runtime_file(supervisor->directory_.running_file(),
                                  write_document_indented(supervisor->description())));
  return supervisor;
}

Supervisor::Supervisor(BrokerSettings settings)
    : settings_(std::move(settings)), directory_(settings_.directory) {}

Supervisor::~Supervisor() {
  stop();
  for (const int descriptor : {control_, signals_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
  // The lock is kept until the process is gone: who waits for that waits for all of it.
}

Result<void> Supervisor::prepare() {
  lock_ = ::open(directory_.lock_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    return file_error(directory_.path(), fmt::format("cannot be written: {}", std::strerror(errno)),
                      "check the permissions, or choose another --dir");
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(std::exchange(lock_, -1));
    return connection_error(directory_.path(), "a broker runs there already",
                            "'autotape broker status' shows it, 'autotape broker down' ends it");
  }
  ::chmod(directory_.path().c_str(), 0700);
  if (settings_.owner) {
    AUTOTAPE_TRY_ASSIGN(owner_, ProcessEnd::of(*settings_.owner));
  }
  AUTOTAPE_TRY_ASSIGN(paths_, find_mosquitto(settings_.mosquitto));
  AUTOTAPE_TRY(complete_settings(settings_));
  AUTOTAPE_TRY(CertificateStore(directory_.path())
                   .prepare(*settings_.app_id, server_certificate_names(settings_)));
  AUTOTAPE_TRY(
      write_file(directory_.settings_file(), write_document_indented(settings_to_json(settings_))));
  if (::chdir(directory_.path().c_str()) != 0) {
    return file_error(directory_.path(),
                      fmt::format("cannot be entered: {}", std::strerror(errno)));
  }
  return {};
}

Result<void> Supervisor::open_logs() {
  AUTOTAPE_TRY_ASSIGN(events_, EventLog::create(directory_.events_file()));
  AUTOTAPE_TRY_ASSIGN(
      log_, open_append_file(directory_.log_file(), OpenMode::truncate, FileAccess::owner_only));
  watch_output();
  if (fs::exists(directory_.running_file())) {
    events_->add(BrokerEventKind::possible_loss,
                 "the broker's former run was not ended by 'broker down'");
  }
  if (const auto text = read_file(pending_file)) {
    if (const auto json = parse_document(*text, pending_file)) {
      output_->inspect([&](MosquittoLog& log) { log.restore_pending(*json); });
    }
    fs::remove(pending_file);
  }
  return {};
}

void Supervisor::watch_output() {
  output_ =
      std::make_unique<BrokerOutput>(settings_.events, *events_, *log_,
                                     [this](const BrokerEvent& event) { before_logging(event); });
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

// On the thread that reads Mosquitto's output.
void Supervisor::before_logging(const BrokerEvent& event) {
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

void Supervisor::serve() {
  while (!stop_now_) {
    std::array<pollfd, 3> watched = {pollfd{signals_, POLLIN, 0}, pollfd{control_, POLLIN, 0},
                                     pollfd{owner_ ? owner_->descriptor() : -1, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      continue;
    }
    take_signals();
    if (watched[1].revents != 0) {
      serve_request();
    }
    stop_now_ = stop_now_ || watched[2].revents != 0;
  }
}

void Supervisor::take_signals() {
  signalfd_siginfo signal{};
  while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGCHLD) {
      mosquitto_ended();
      stop_now_ = stop_now_ || !mosquitto_;
    } else if (signal.ssi_signo != SIGHUP) {
      stop_now_ = true;
    }
  }
}

void Supervisor::stop() {
  if (lock_ < 0 || stopped_) {
    return;
  }
  stopped_ = true;
  (void)stop_mosquitto();
  proxy_.reset();
  if (settings_.temporary) {
    std::error_code ignored;
    fs::current_path("/", ignored);
    fs::remove_all(directory_.path(), ignored);
  } else if (output_ && fs::exists(directory_.running_file())) {
    output_->inspect([](const MosquittoLog& log) {
      (void)write_file(pending_file, write_document(log.pending()), FileAccess::owner_only);
    });
    for (const std::string& name :
         {directory_.running_file(), std::string(control_socket), std::string(tls_socket)}) {
      ::unlink(name.c_str());
    }
  }
  output_.reset();
  events_.reset();
}

}  // namespace autotape
