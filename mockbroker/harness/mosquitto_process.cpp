#include "mockbroker/harness/mosquitto_process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mockbroker/harness/runtime_file.hpp"
#include "mockbroker/plugin/protocol.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

constexpr int command_descriptor = 3;  // in the child
constexpr int command_timeout_ms = 5000;
constexpr const char* configuration_file = "mosquitto.conf";
constexpr const char* plugin_name = "autotape_broker_plugin.so";

bool is_program(const std::string& path) {
  return ::access(path.c_str(), X_OK) == 0;
}

std::string listener_line(const BrokerSettings& settings, std::uint16_t direct_port) {
  return settings.proxy ? fmt::format("listener 0 {}", tls_socket)
                        : fmt::format("listener {} {}", direct_port, settings.bind);
}

std::string configuration(const std::string& plugin, const BrokerSettings& settings,
                          std::uint16_t direct_port) {
  std::string text;
  const auto line = [&](auto... words) {
    const std::string_view all[] = {words...};
    text += fmt::format("{}\n", fmt::join(all, " "));
  };
  if (::geteuid() == 0) {
    line("user root");  // else it becomes user mosquitto, who cannot read the state directory
  }
  line(std::string_view(listener_line(settings, direct_port)));
  line("cafile ca/ca.pem");
  line("certfile server/server.pem");
  line("keyfile server/server.key");
  line("require_certificate true");
  line("allow_anonymous false");
  if (!settings.proxy) {
    line("set_tcp_nodelay true");  // the proxy does it itself
  }

  line("persistence true");
  line("persistence_file", database_file);
  line("autosave_interval 60");
  line("max_queued_messages", std::to_string(settings.max_queued_messages.value_or(0)));
  line("max_inflight_messages", std::to_string(settings.max_inflight_messages));
  line("message_size_limit", std::to_string(settings.message_size_limit));
  if (settings.session_expiry_days) {
    line("persistent_client_expiration", std::to_string(*settings.session_expiry_days) + "d");
  }

  line("sys_interval 0");
  line("log_dest stdout");
  line("log_timestamp false");
  line("connection_messages true");
  for (const char* type : {"error", "warning", "notice", "information"}) {
    line("log_type", type);
  }
  if (settings.events == EventDetail::messages) {
    line("log_type debug");  // PUBLISH to subscribers and their PUBACKs are told nowhere else
  }

  line("plugin", plugin);
  const auto option = [&](std::string_view name, std::string_view value) {
    text += fmt::format("plugin_opt_{} {}\n", name, value);
  };
  option(option_environment, *settings.environment);
  option(option_stream, name_of(*settings.stream));
  option(option_topic_filters, std::to_string(settings.topic_filters));
  option(option_second_connection,
         settings.second_connection == SecondConnection::refused ? "refuse" : "take-over");
  option(option_client_id, settings.client_id_is_certificate_id ? "certificate-id" : "any");
  option(option_message_lines, settings.events == EventDetail::messages ? "true" : "false");
  option(option_command_socket, std::to_string(command_descriptor));
  return text;
}

// The child's environment: ours, with what must be loaded into Mosquitto.
std::vector<std::string> child_environment(const std::string& plugin) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("LD_PRELOAD=") && !text.starts_with("ASAN_OPTIONS=")) {
      variables.emplace_back(text);
    }
  }
#ifdef AUTOTAPE_ASAN_LIBRARY
  variables.push_back(fmt::format("LD_PRELOAD={}:{}", AUTOTAPE_ASAN_LIBRARY, plugin));
  variables.emplace_back("ASAN_OPTIONS=detect_leaks=0");
#else
  variables.push_back("LD_PRELOAD=" + plugin);
#endif
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) {
    pointers.push_back(string.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, after fork: only what is async-signal-safe.
[[noreturn]] void become_mosquitto(char* const* arguments, char* const* environment, pid_t parent,
                                   int output, int commands) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(127);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(077);  // the unix socket is for us alone
  ::setpgid(0, 0);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (commands == command_descriptor) {
    ::fcntl(commands, F_SETFD, 0);
  } else {
    ::dup2(commands, command_descriptor);
  }
  ::close_range(command_descriptor + 1, ~0U, 0);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::string describe_end(int status) {
  return WIFSIGNALED(status)
             ? fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)))
             : fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace

Result<MosquittoPaths> find_mosquitto(const std::string& name) {
  MosquittoPaths paths;
  if (name.find('/') != std::string::npos) {
    paths.mosquitto = is_program(name) ? name : "";
  } else {
    const char* path = std::getenv("PATH");
    std::string folders = fmt::format("{}:/usr/sbin:/usr/local/sbin", path == nullptr ? "" : path);
    for (std::size_t end = 0; paths.mosquitto.empty() && !folders.empty();) {
      end = folders.find(':');
      const std::string candidate = folders.substr(0, end) + "/" + name;
      if (is_program(candidate)) {
        paths.mosquitto = candidate;
      }
      folders = end == std::string::npos ? "" : folders.substr(end + 1);
    }
  }
  if (paths.mosquitto.empty()) {
    return file_error(name, "there is no such program", "install the package mosquitto");
  }
  std::error_code ignored;
  const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& folder : {here, here.parent_path() / "lib" / "autotape"}) {
    if (fs::exists(folder / plugin_name, ignored)) {
      paths.plugin = folder / plugin_name;
      return paths;
    }
  }
  return file_error(here / plugin_name, "the broker's plugin is missing",
                    "build or install autotape again");
}

Result<MosquittoProcess> MosquittoProcess::start(const MosquittoPaths& paths,
                                                 const BrokerSettings& settings,
                                                 std::uint16_t direct_port) {
  AUTOTAPE_TRY(
      write_runtime_file(configuration_file, configuration(paths.plugin, settings, direct_port)));
  ::unlink(tls_socket);
  std::array<int, 2> output{};
  std::array<int, 2> commands{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0 ||
      ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, commands.data()) != 0) {
    return internal_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  ::fcntl(output[0], F_SETPIPE_SZ, 1 << 20);  // a burst of events shall not stop the broker
  std::vector<std::string> arguments = {paths.mosquitto, "-c", configuration_file};
  std::vector<std::string> environment = child_environment(paths.plugin);
  const auto argument_pointers = pointers_to(arguments);
  const auto environment_pointers = pointers_to(environment);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    become_mosquitto(argument_pointers.data(), environment_pointers.data(), parent, output[1],
                     commands[1]);
  }
  ::close(output[1]);
  ::close(commands[1]);
  if (child < 0) {
    return internal_error(fmt::format("cannot fork: {}", std::strerror(errno)));
  }
  auto end = ProcessEnd::of(child);  // exists until it is waited for
  if (!end) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(output[0]);
    ::close(commands[0]);
    return end.error();
  }
  return MosquittoProcess(child, *std::move(end), output[0], commands[0]);
}

MosquittoProcess::MosquittoProcess(MosquittoProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_(std::move(other.end_)),
      output_(std::exchange(other.output_, -1)),
      commands_(std::exchange(other.commands_, -1)),
      commands_sent_(other.commands_sent_) {}

MosquittoProcess& MosquittoProcess::operator=(MosquittoProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_, other.end_);
  std::swap(output_, other.output_);
  std::swap(commands_, other.commands_);
  std::swap(commands_sent_, other.commands_sent_);
  return *this;
}

MosquittoProcess::~MosquittoProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const int descriptor : {output_, commands_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

void MosquittoProcess::signal(int number) const {
  if (pid_ > 0) {
    ::kill(pid_, number);
  }
}

Result<void> MosquittoProcess::command(const std::string& text) {
  const std::string number = fmt::format("{}\t", ++commands_sent_);
  const std::string request = number + text;
  if (::send(commands_, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return internal_error(fmt::format("the plugin cannot be reached: {}", std::strerror(errno)));
  }
  signal(SIGURG);  // ends Mosquitto's wait for the network
  while (true) {
    pollfd answer{commands_, POLLIN, 0};
    std::array<char, 1024> buffer;
    if (::poll(&answer, 1, command_timeout_ms) <= 0) {
      return internal_error("the plugin does not answer");
    }
    const ssize_t size = ::recv(commands_, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      return internal_error("Mosquitto ended before it answered");
    }
    std::string_view said(buffer.data(), static_cast<std::size_t>(size));
    if (said.starts_with(number)) {  // else it answers one that was given up
      said.remove_prefix(number.size());
      return said == "ok" ? Result<void>() : Result<void>(usage_error(std::string(said)));
    }
  }
}

bool MosquittoProcess::wait(Duration timeout, std::string& how) {
  int status = 0;
  if (pid_ <= 0 || !end_.wait(timeout) || ::waitpid(pid_, &status, 0) != pid_) {
    return pid_ <= 0;
  }
  pid_ = -1;
  how = describe_end(status);
  return true;
}

}  // namespace autotape
