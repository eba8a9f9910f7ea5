#include "mockbroker/harness/control.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "mockbroker/harness/process_end.hpp"

namespace autotape {
namespace {

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(other.release()) {}
  ~Socket() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// A unix socket's path may have 107 bytes; through a descriptor of its folder any path is short
// enough.
sockaddr_un address_in(int directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory, control_socket);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<Socket> connect_to_supervisor(const std::string& directory, Duration timeout) {
  const Socket folder(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout);
  const timeval patience{seconds.count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_un address = address_in(folder.get());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return connection_error(directory, "no broker runs there",
                            "start one with 'autotape broker up'");
  }
  return socket;
}

Result<Json> ask(const Socket& socket, const std::string& directory, const Json& request) {
  if (!send_json(socket.get(), request)) {
    return connection_error(directory, "the broker does not listen");
  }
  AUTOTAPE_TRY_ASSIGN(Json answer, receive_json(socket.get(), directory));
  if (auto error = error_in(answer)) {
    return *std::move(error);
  }
  return answer;
}

constexpr std::array<ErrorKind, 4> kinds = {ErrorKind::internal, ErrorKind::usage, ErrorKind::file,
                                            ErrorKind::connection};

}  // namespace

Result<int> listen_for_control(const std::string& directory) {
  const Socket folder(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = address_in(folder.get());
  ::unlink(address.sun_path);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 64) != 0) {
    return file_error(directory, fmt::format("cannot make a socket: {}", std::strerror(errno)));
  }
  return socket.release();
}

Result<Json> ask_supervisor(const std::string& directory, const Json& request, Duration timeout) {
  AUTOTAPE_TRY_ASSIGN(const Socket socket, connect_to_supervisor(directory, timeout));
  return ask(socket, directory, request);
}

Result<void> end_supervisor(const std::string& directory, Duration timeout) {
  const auto socket = connect_to_supervisor(directory, timeout);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (!socket || ::getsockopt(socket->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return {};
  }
  const auto end = ProcessEnd::of(peer.pid);
  if (!end) {
    return {};
  }
  (void)ask(*socket, directory, {{"do", "stop"}});  // its end is the answer
  return end->wait(timeout)
             ? Result<void>()
             : Result<void>(connection_error(
                   directory, fmt::format("process {} does not end", peer.pid), "end it yourself"));
}

Result<Json> receive_json(int socket, const std::string& where) {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return connection_error(where,
                              fmt::format("the broker does not answer: {}", std::strerror(errno)));
    }
    if (count == 0) {
      break;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  if (text.empty()) {
    return connection_error(where, "the broker ended before it answered");
  }
  return parse_document(text, where);
}

bool send_json(int socket, const Json& json) {
  const std::string text = write_document(json);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  return ::shutdown(socket, SHUT_WR) == 0;
}

Json error_to_json(const Error& error) {
  Json json;
  json["error"] = {{"kind", static_cast<int>(error.kind)},
                   {"where", error.where},
                   {"what", error.what},
                   {"advice", error.advice}};
  return json;
}

std::optional<Error> error_in(const Json& answer) {
  if (!answer.contains("error")) {
    return std::nullopt;
  }
  const Json& error = answer["error"];
  const auto kind = error.value("kind", std::size_t{0});
  return Error{kind < kinds.size() ? kinds[kind] : ErrorKind::internal, error.value("where", ""),
               error.value("what", ""), error.value("advice", "")};
}

}  // namespace autotape
