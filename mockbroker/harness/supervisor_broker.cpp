// Mosquitto's lives: started, watched, ended, killed without loss.
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "mockbroker/harness/supervisor.hpp"

namespace autotape {
namespace {

constexpr auto start_timeout = std::chrono::seconds(20);
constexpr auto stop_timeout = std::chrono::seconds(20);
constexpr int most_deaths = 5;
constexpr const char* sessions_file = "sessions";  // the plugin's (plugin/session_file.hpp)

// Tells when a file of the working directory was renamed into its place.
class Arrival {
 public:
  explicit Arrival(std::string name)
      : name_(std::move(name)), watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    ::inotify_add_watch(watch_, ".", IN_MOVED_TO);
  }
  ~Arrival() { ::close(watch_); }
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  bool wait(Duration timeout) const {
    const MonotonicTime deadline = monotonic_now() + timeout;
    while (!came()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - monotonic_now()).count();
      if (left <= 0) {
        return false;
      }
      pollfd watched{watch_, POLLIN, 0};
      ::poll(&watched, 1, static_cast<int>(left));
    }
    return true;
  }

 private:
  bool came() const {
    alignas(inotify_event) std::array<char, 4096> buffer;
    const ssize_t size = ::read(watch_, buffer.data(), buffer.size());
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      if (event->len > 0 && name_ == event->name) {
        return true;
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    return false;
  }

  std::string name_;
  int watch_;
};

}  // namespace

Result<void> Supervisor::start_mosquitto() {
  AUTOTAPE_TRY_ASSIGN(mosquitto_,
                      MosquittoProcess::start(paths_, settings_, settings_.proxy ? 0 : port_));
  output_->read(mosquitto_->take_output());
  AUTOTAPE_TRY(wait_until_ready());
  events_->add(BrokerEventKind::started);
  if (proxy_) {
    proxy_->open();
  }
  return {};
}

Result<void> Supervisor::wait_until_ready() {
  switch (output_->wait_until_ready(start_timeout)) {
    case BrokerOutput::Readiness::ready:
      return {};
    case BrokerOutput::Readiness::time_over:
      return connection_error("mosquitto", "did not start in time", "see " + directory_.log_file());
    case BrokerOutput::Readiness::ended:
      break;
  }
  std::string how;
  mosquitto_->wait(stop_timeout, how);
  return connection_error("mosquitto",
                          fmt::format("did not start ({}): {}", how, output_->last_words()),
                          "see " + directory_.log_file());
}

// At SIGCHLD: it may be that one.
void Supervisor::mosquitto_ended() {
  std::string how;
  if (!mosquitto_ || !mosquitto_->wait(Duration::zero(), how)) {
    return;
  }
  note_end();
  events_->add(BrokerEventKind::died, how);
  events_->add(BrokerEventKind::possible_loss,
               "Mosquitto ended on its own; what it had acknowledged since it last saved is gone");
  if (++deaths_ <= most_deaths) {
    if (const auto started = start_mosquitto(); !started) {
      events_->add(BrokerEventKind::died, started.error().line());
      mosquitto_.reset();
    }
  }
}

Result<void> Supervisor::stop_mosquitto() {
  if (!mosquitto_) {
    return {};
  }
  mosquitto_->signal(SIGTERM);  // saves as it ends
  if (proxy_) {
    proxy_->close();
  }
  std::string how;
  if (!mosquitto_->wait(stop_timeout, how)) {
    mosquitto_->signal(SIGKILL);
    mosquitto_->wait(stop_timeout, how);
    events_->add(BrokerEventKind::possible_loss, "Mosquitto did not end when it was told to");
  }
  note_end();
  events_->add(BrokerEventKind::stopped);
  return {};
}

// Quiesce, save, kill: what was acknowledged up to the kill is in the database. If one of the first
// two fails, nothing has happened.
Result<void> Supervisor::kill_mosquitto() {
  if (const auto saved = save_database(); !saved) {
    proxy_->resume_input();
    return saved;
  }
  mosquitto_->signal(SIGKILL);
  std::string how;
  mosquitto_->wait(stop_timeout, how);
  note_end();
  events_->add(BrokerEventKind::stopped, "killed, after everything was saved");
  return {};
}

Result<void> Supervisor::save_database() {
  if (!proxy_->stop_input(std::chrono::seconds(10))) {
    return internal_error("Mosquitto does not take what it was sent");
  }
  AUTOTAPE_TRY(command("sync"));  // what it has read is handled now
  const Arrival saved(database_file);
  mosquitto_->signal(SIGUSR1);
  return saved.wait(stop_timeout)
             ? Result<void>()
             : Result<void>(internal_error("Mosquitto does not save its database"));
}

void Supervisor::remove_sessions() {
  std::filesystem::remove(database_file);
  std::filesystem::remove(sessions_file);
}

// Mosquitto's end completes the log of what was, before a new one begins.
Result<void> Supervisor::start_over() {
  AUTOTAPE_TRY(stop_mosquitto());
  remove_sessions();
  if (proxy_) {
    proxy_->clear_faults({});
  }
  armed_.clear();
  AUTOTAPE_TRY(events_->state());  // a log with gaps is no log of that run
  AUTOTAPE_TRY_ASSIGN(auto new_log, EventLog::create(directory_.events_file()));
  output_.reset();
  events_ = std::move(new_log);
  watch_output();
  return start_mosquitto();
}

// The answer means: it took effect, and all that happened before is in the log.
Result<void> Supervisor::command(const std::string& text) {
  const Result<void> answer = mosquitto_->command(text);
  output_->wait_for_answer(mosquitto_->commands_sent(), std::chrono::seconds(5));
  return answer;
}

// Mosquitto is gone: so are its connections, and all that it has said is logged.
void Supervisor::note_end() {
  if (proxy_) {
    proxy_->close();
  }
  output_->wait_for_end();
  mosquitto_.reset();
}

}  // namespace autotape
