// One client's connection through the proxy: its two sockets, and the bytes between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "mockbroker/harness/proxy_flow.hpp"

namespace autotape {

// On the proxy's thread only.
class ProxyConnection {
 public:
  enum class Side { client, broker };

  // Takes `client_socket` over. `number` is not zero and not used again. In the set `epoll` its
  // sockets have tag(side) as their data.
  ProxyConnection(std::uint64_t number, int client_socket, int epoll);
  ~ProxyConnection();
  ProxyConnection(const ProxyConnection&) = delete;
  ProxyConnection& operator=(const ProxyConnection&) = delete;

  std::uint64_t tag(Side side) const { return number_ * 2 + (side == Side::broker ? 1 : 0); }
  static std::uint64_t number_of(std::uint64_t tag) { return tag / 2; }
  static Side side_of(std::uint64_t tag) { return tag % 2 == 1 ? Side::broker : Side::client; }

  enum class Backend { connected, busy, gone };
  Backend connect(const std::string& path);

  std::uint64_t number() const { return number_; }
  const std::string& address() const { return address_; }  // the client's, host:port

  const std::string& client() const { return client_; }  // empty until it is identified
  void identify(const std::string& client) { client_ = client; }

  FlowFault& to_client() { return to_client_.fault(); }
  FlowFault& to_broker() { return to_broker_.fault(); }

  // What the client sends is kept here from now on, …
  void hold() { held_ = true; }
  // … and if it is held the connection ends when more has come, at `latest` in any case.
  void cut_at_input(MonotonicTime latest);
  void release();

  // epoll has reported that there is something to read, or the end.
  void readable(Side side) { (side == Side::broker ? broker_peer_ : client_peer_).readable = true; }

  // Moves what can be moved, both ways, and looks what to wait for. False when the connection is
  // over.
  bool serve(MonotonicTime now, bool input_stopped);

  // When serve() has something to do as far as time alone decides.
  std::optional<MonotonicTime> next_due(MonotonicTime now, bool input_stopped) const;

  // Adds its broker socket to a set that tells each time the broker has taken something.
  void watch_taking(int epoll) const;
  void forget_taking(int epoll) const;
  // The broker has taken all that was sent to it.
  bool taken() const;

 private:
  struct Peer {
    int socket = -1;
    bool readable = true;       // as far as we know
    bool ended = false;         // nothing more comes from there
    std::uint32_t watched = 0;  // epoll events; 0: not in the set
  };

  bool move(ProxyFlow& flow, Peer& source, Peer& sink, bool stopped, bool unread,
            MonotonicTime now);
  bool receive(ProxyFlow& flow, Peer& source, const Peer& sink, bool kept, MonotonicTime now);
  void watch(Peer& peer, Side side, std::uint32_t wanted) const;

  std::uint64_t number_;
  int epoll_;
  Peer client_peer_;
  Peer broker_peer_;
  std::string address_;
  std::string client_;
  ProxyFlow to_client_;
  ProxyFlow to_broker_;
  bool held_ = false;
  bool cut_at_input_ = false;
  std::optional<MonotonicTime> cut_at_;
};

}  // namespace autotape
