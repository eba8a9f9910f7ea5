#include "run/child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/guard.hpp"

extern char** environ;

namespace autotape {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return internal_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  return Pipe{ends[0], ends[1]};
}

void close_if_open(int& descriptor) {
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  descriptor = -1;
}

bool is_executable_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

// As a shell would find it.
Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const char* const set = ::getenv("PATH");
  std::string_view folders = set != nullptr ? set : "/usr/local/bin:/usr/bin:/bin";
  while (!folders.empty()) {
    const std::size_t end = std::min(folders.find(':'), folders.size());
    const std::string path = fmt::format("{}/{}", end == 0 ? "." : folders.substr(0, end), name);
    if (is_executable_file(path)) {
      return path;
    }
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return usage_error(fmt::format("{}: there is no such program", name),
                     "check the command behind \"--\"");
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (const auto& [name, value] : added) {
    all.push_back(name + "=" + value);
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(added.begin(), added.end(),
                                      [&](const auto& pair) { return pair.first == name; });
    if (!replaced) {
      all.emplace_back(text);
    }
  }
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

ChildEnd end_of(int status) {
  ChildEnd end;
  if (WIFSIGNALED(status)) {
    end.signal = WTERMSIG(status);
  } else {
    end.exit_code = WEXITSTATUS(status);
  }
  return end;
}

bool readable_within(int descriptor, Duration timeout) {
  const MonotonicTime until = monotonic_now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - monotonic_now());
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

// Nothing at the end of the pipe.
std::optional<GuardReport> read_report(int status) {
  GuardReport report{};
  ssize_t count = -1;
  do {
    count = ::read(status, &report, sizeof report);
  } while (count < 0 && errno == EINTR);
  return count == sizeof report ? std::optional(report) : std::nullopt;
}

}  // namespace

std::string ChildEnd::description() const {
  return signal != 0 ? fmt::format("was killed by signal {} ({})", signal, ::strsignal(signal))
                     : fmt::format("exited with {}", exit_code);
}

Result<ChildProcess> ChildProcess::start(const ChildSettings& settings) {
  if (settings.command.empty()) {
    return usage_error("no command is given", "add: -- COMMAND ARG…");
  }
  AUTOTAPE_TRY_ASSIGN(const std::string program, find_program(settings.command.front()));
  std::vector<std::string> arguments = settings.command;
  std::vector<std::string> environment = environment_with(settings.environment);
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> environment_pointers = pointers_to(environment);

  AUTOTAPE_TRY_ASSIGN(const Pipe lifeline, make_pipe());
  AUTOTAPE_TRY_ASSIGN(const Pipe status, make_pipe());
  AUTOTAPE_TRY_ASSIGN(const Pipe output, make_pipe());
  AUTOTAPE_TRY_ASSIGN(const Pipe errors, make_pipe());
  const GuardTask task{program.c_str(),   argument_pointers.data(), environment_pointers.data(),
                       lifeline.read_end, status.write_end,         output.write_end,
                       errors.write_end};
  ChildProcess child;
  child.guard_ = ::fork();
  if (child.guard_ == 0) {
    run_guard(task);
  }
  const int fork_error = errno;
  child.lifeline_ = lifeline.write_end;
  child.status_ = status.read_end;
  child.output_ = output.read_end;
  child.errors_ = errors.read_end;
  for (int end : {lifeline.read_end, status.write_end, output.write_end, errors.write_end}) {
    ::close(end);
  }
  if (child.guard_ < 0) {
    return internal_error(fmt::format("cannot start a process: {}", std::strerror(fork_error)));
  }
  ::fcntl(child.output_, F_SETFL, O_NONBLOCK);
  ::fcntl(child.errors_, F_SETFL, O_NONBLOCK);
  const auto report = read_report(child.status_);
  if (!report || report->event != GuardEvent::started) {
    return usage_error(fmt::format("{}: cannot be run: {}", settings.command.front(),
                                   std::strerror(report ? report->value : EIO)),
                       "check the command behind \"--\"");
  }
  child.pid_ = report->value;
  return child;
}

ChildProcess::~ChildProcess() {
  wait_until_gone();
  close_descriptors();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept {
  *this = std::move(other);
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(guard_, other.guard_);
  std::swap(pid_, other.pid_);
  std::swap(lifeline_, other.lifeline_);
  std::swap(status_, other.status_);
  std::swap(output_, other.output_);
  std::swap(errors_, other.errors_);
  std::swap(asked_to_end_, other.asked_to_end_);
  std::swap(end_, other.end_);
  return *this;
}

std::optional<ChildEnd> ChildProcess::ended(Duration timeout) {
  if (!end_ && status_ >= 0 && readable_within(status_, timeout)) {
    const auto report = read_report(status_);
    // A guard that is gone without a word was killed, and the child with it.
    end_ = report ? end_of(report->value) : ChildEnd{0, SIGKILL};
  }
  return end_;
}

void ChildProcess::signal(int number) const {
  const auto byte = static_cast<unsigned char>(number);
  // The guard may be gone, and SIGPIPE with it: a socket would not need this, but a pipe has no
  // flag.
  sigset_t pipe_signal;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  if (::write(lifeline_, &byte, 1) < 0 && errno == EPIPE) {
    const timespec at_once{};
    ::sigtimedwait(&pipe_signal, nullptr, &at_once);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void ChildProcess::ask_to_end() {
  if (!std::exchange(asked_to_end_, true) && !ended()) {
    signal(SIGTERM);
    signal(SIGCONT);  // a stopped process takes no SIGTERM
  }
}

ChildEnd ChildProcess::stop(Duration grace) {
  ask_to_end();
  ended(grace);
  return kill();
}

ChildEnd ChildProcess::kill() {
  wait_until_gone();
  return *end_;
}

void ChildProcess::wait_until_gone() {
  if (guard_ < 0) {
    return;
  }
  close_if_open(lifeline_);
  while (const auto report = read_report(status_)) {
    if (report->event == GuardEvent::ended && !end_) {
      end_ = end_of(report->value);
    }
  }
  while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
  guard_ = -1;
  end_ = end_.value_or(ChildEnd{0, SIGKILL});
}

void ChildProcess::close_descriptors() {
  for (int* const descriptor : {&lifeline_, &status_, &output_, &errors_}) {
    close_if_open(*descriptor);
  }
}

}  // namespace autotape
