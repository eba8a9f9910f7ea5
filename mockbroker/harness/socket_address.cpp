#include "mockbroker/harness/socket_address.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace autotape {
namespace {

constexpr int backlog = 4096;

}  // namespace

Result<int> listen_on(const std::string& bind, std::uint16_t port) {
  const std::string where = fmt::format("{}:{}", bind, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(bind.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return usage_error(fmt::format("'{}' is no address to listen on", bind),
                       "an IPv4 or IPv6 address, such as 127.0.0.1");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket, found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket, backlog) != 0) {
    const int reason = errno;
    ::close(socket);
    return connection_error(
        where, fmt::format("cannot listen: {}", std::strerror(reason)),
        reason == EADDRINUSE ? "choose another --port; 0 lets the system choose" : "");
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXSERV> port{};
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, nullptr, 0, port.data(),
                    port.size(), NI_NUMERICSERV) != 0) {
    return 0;
  }
  return static_cast<std::uint16_t>(std::stoi(port.data()));
}

std::string peer_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host.data(), host.size(),
                    port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return fmt::format("{}:{}", host.data(), port.data());
}

std::string local_host_of(const std::string& bind) {
  if (bind == "0.0.0.0") {
    return "127.0.0.1";
  }
  return bind == "::" ? "::1" : bind;
}

}  // namespace autotape
