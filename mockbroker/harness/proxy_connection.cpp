#include "mockbroker/harness/proxy_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mockbroker/harness/socket_address.hpp"
#include "mockbroker/plugin/proxy_name.hpp"

namespace autotape {
namespace {

constexpr std::size_t block = 64 * 1024;
constexpr int most_blocks = 8;  // of one connection before the next has its turn

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

ProxyConnection::ProxyConnection(std::uint64_t number, int client_socket, int epoll)
    : number_(number), epoll_(epoll), to_client_(number * 2), to_broker_(number * 2 + 1) {
  client_peer_.socket = client_socket;
  address_ = peer_of(client_socket);
  const int on = 1;
  ::setsockopt(client_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

ProxyConnection::~ProxyConnection() {
  for (const int socket : {client_peer_.socket, broker_peer_.socket}) {
    if (socket >= 0) {
      ::close(socket);
    }
  }
}

// With a name by which Mosquitto knows the client's address (plugin/proxy_name.hpp).
ProxyConnection::Backend ProxyConnection::connect(const std::string& path) {
  if (broker_peer_.socket < 0) {
    broker_peer_.socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string own = fmt::format("{}{}.{}/{}", proxy_name, ::getpid(), number_, address_);
    std::memcpy(name.sun_path + 1, own.data(), std::min(own.size(), sizeof name.sun_path - 1));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + own.size());
    ::bind(broker_peer_.socket, reinterpret_cast<const sockaddr*>(&name), size);
  }
  sockaddr_un backend{};
  backend.sun_family = AF_UNIX;
  std::strncpy(backend.sun_path, path.c_str(), sizeof backend.sun_path - 1);
  if (::connect(broker_peer_.socket, reinterpret_cast<const sockaddr*>(&backend), sizeof backend) ==
      0) {
    return Backend::connected;
  }
  return would_block() ? Backend::busy : Backend::gone;
}

void ProxyConnection::cut_at_input(MonotonicTime latest) {
  if (held_ && !cut_at_) {
    cut_at_ = latest;
    cut_at_input_ = true;
  }
}

void ProxyConnection::release() {
  held_ = false;
  cut_at_input_ = false;
  cut_at_.reset();
}

bool ProxyConnection::serve(MonotonicTime now, bool input_stopped) {
  const bool alive =
      move(to_broker_, client_peer_, broker_peer_, input_stopped || held_, input_stopped, now) &&
      move(to_client_, broker_peer_, client_peer_, false, false, now);
  if (!alive || (cut_at_ && *cut_at_ <= now)) {
    return false;
  }
  const auto input = [](const ProxyFlow& flow, const Peer& source, bool stopped) {
    return !source.ended && !flow.full() && !flow.fault().paused && !stopped ? EPOLLIN : 0U;
  };
  const auto output = [&](ProxyFlow& flow, bool stopped) {
    return !stopped && !flow.due(now).empty() ? EPOLLOUT : 0U;
  };
  watch(client_peer_, Side::client,
        input(to_broker_, client_peer_, input_stopped) | output(to_client_, false));
  watch(broker_peer_, Side::broker,
        input(to_client_, broker_peer_, false) | output(to_broker_, input_stopped || held_));
  return true;
}

// Reads, and sends what is due unless it is `stopped`. False when the connection is over.
bool ProxyConnection::move(ProxyFlow& flow, Peer& source, Peer& sink, bool stopped, bool unread,
                           MonotonicTime now) {
  bool progress = true;
  for (int blocks = 0; progress && blocks < most_blocks; ++blocks) {
    progress = !unread && receive(flow, source, sink, stopped, now);
    while (!stopped) {
      const std::string_view bytes = flow.due(now);
      if (bytes.empty()) {
        break;
      }
      const ssize_t sent = ::send(sink.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (!would_block()) {
          return false;
        }
        progress = false;
        break;
      }
      flow.consume(static_cast<std::size_t>(sent), now);
    }
    if (flow.cut_reached()) {
      return false;
    }
  }
  // The end is passed on after the last byte; while it is paused nothing is.
  return !(source.ended && flow.empty() && !flow.fault().paused && !stopped);
}

// One block from the source, through the flow or past it; false if there is no more now.
bool ProxyConnection::receive(ProxyFlow& flow, Peer& source, const Peer& sink, bool kept,
                              MonotonicTime now) {
  if (!source.readable || source.ended || flow.full() || flow.fault().paused) {
    return false;
  }
  static thread_local std::array<char, block> buffer;
  const ssize_t count = ::recv(source.socket, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    source.ended = count == 0 || !would_block();
    source.readable = false;
    return false;
  }
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  if (flow.transparent() && !kept) {
    const ssize_t sent = ::send(sink.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  if (!bytes.empty()) {
    flow.add(bytes, now);
  }
  if (&source == &client_peer_ && cut_at_input_) {
    cut_at_ = now;
  }
  // Less than was asked for: epoll tells when there is more, and nobody needs to ask.
  source.readable = static_cast<std::size_t>(count) == buffer.size();
  return source.readable;
}

// A socket of which nothing is wanted leaves the set: its hang-up would be reported again and
// again.
void ProxyConnection::watch(Peer& peer, Side side, std::uint32_t wanted) const {
  if (peer.watched == wanted) {
    return;
  }
  epoll_event event{wanted, {.u64 = tag(side)}};
  const int operation = wanted == 0         ? EPOLL_CTL_DEL
                        : peer.watched == 0 ? EPOLL_CTL_ADD
                                            : EPOLL_CTL_MOD;
  ::epoll_ctl(epoll_, operation, peer.socket, &event);
  peer.watched = wanted;
}

std::optional<MonotonicTime> ProxyConnection::next_due(MonotonicTime now,
                                                       bool input_stopped) const {
  MonotonicTime first = cut_at_.value_or(MonotonicTime::max());
  const auto consider = [&](const ProxyFlow& flow, const Peer& sink, bool stopped) {
    const bool waits_for_socket = (sink.watched & EPOLLOUT) != 0;
    if (const auto due = flow.next_due(now); due && !waits_for_socket && !stopped) {
      first = std::min(first, *due);
    }
  };
  consider(to_client_, client_peer_, false);
  consider(to_broker_, broker_peer_, input_stopped || held_);
  return first == MonotonicTime::max() ? std::nullopt : std::optional(first);
}

// Each time the broker has read some of what waits for it, the socket becomes writable anew.
void ProxyConnection::watch_taking(int epoll) const {
  epoll_event event{EPOLLOUT | EPOLLET, {.u64 = tag(Side::broker)}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, broker_peer_.socket, &event);
}

void ProxyConnection::forget_taking(int epoll) const {
  ::epoll_ctl(epoll, EPOLL_CTL_DEL, broker_peer_.socket, nullptr);
}

bool ProxyConnection::taken() const {
  int unread = 0;
  // When epoll tells, the kernel may still count one byte of what it is about to free.
  return ::ioctl(broker_peer_.socket, SIOCOUTQ, &unread) != 0 || unread <= 1;
}

}  // namespace autotape
