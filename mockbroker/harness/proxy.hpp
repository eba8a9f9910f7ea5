// The TCP proxy in front of Mosquitto: the broker's address, and faults on bytes.
//
// It owns the port, for as long as the broker lives, over restarts of Mosquitto. TLS ends in
// Mosquitto: here is ciphertext only. Everything runs on a thread of its own; calls from others are
// handed to it.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "mockbroker/harness/fault.hpp"
#include "mockbroker/harness/proxy_connection.hpp"

namespace autotape {

class Proxy {
 public:
  // Listens at once; accepts when open() was called. `backend` is the path of Mosquitto's unix
  // socket.
  static Result<std::unique_ptr<Proxy>> listen(const std::string& bind, std::uint16_t port,
                                               const std::string& backend);
  ~Proxy();

  std::uint16_t port() const { return port_; }

  // Mosquitto accepts connections, or is about to end. New clients wait in between.
  void open();
  void close();

  // Whose connection is the one from `address` ("host:port")? Faults by client need to know.
  void identify(const std::string& address, const std::string& client);

  // What was set for a client is kept for its later connections; a cut is for those of now.
  // Returns how many there are now.
  std::size_t set_fault(const ClientChoice& client, Direction direction,
                        const std::function<void(FlowFault&)>& change);
  void clear_faults(const ClientChoice& client);

  // Holds what the client sends, for the connection that it has now; false if it has none.
  bool hold_input(const std::string& client);

  // A held connection ends when the client has sent something more, after `patience` in any case.
  void cut_when_answered(const std::string& client, Duration patience);

  // Nothing more goes to the broker, from anyone; returns when it has taken what it was sent before
  // (or after `timeout`: false). Ended by close() or resume_input().
  bool stop_input(Duration timeout);
  void resume_input();

 private:
  struct ClientFaults {
    FlowFault to_client;
    FlowFault to_broker;
  };

  Proxy(int listener, std::uint16_t port, std::string backend);

  void call(const std::function<void()>& work);  // on the proxy's thread; returns when it is done
  void run();
  void take_event(std::uint64_t tag, std::uint32_t happened, MonotonicTime now);
  void do_work();
  void accept_clients();
  void connect_waiting();
  void listen_for_clients(bool wanted);
  void serve(ProxyConnection& connection, MonotonicTime now);
  void serve_due(MonotonicTime now);
  void end(ProxyConnection& connection);
  void notice_taken();
  int timeout_ms(MonotonicTime now) const;
  void apply_faults(ProxyConnection& connection);
  std::vector<ProxyConnection*> connections_of(const ClientChoice& client);
  ProxyConnection* newest_of(const std::string& client);

  int listener_;
  std::uint16_t port_;
  std::string backend_;
  int epoll_ = -1;
  int wake_ = -1;    // eventfd
  int taking_ = -1;  // a second set: sockets from which Mosquitto takes bytes (stop_input)

  // The proxy's thread only.
  std::unordered_map<std::uint64_t, std::unique_ptr<ProxyConnection>> connections_;
  std::unordered_map<std::string, std::uint64_t> by_address_;
  // Connections with bytes that wait, or an end that is due.
  std::unordered_set<std::uint64_t> timed_;
  std::unique_ptr<ProxyConnection> waiting_;  // accepted, while Mosquitto's queue is full
  std::uint64_t next_number_ = 1;
  std::map<std::string, ClientFaults> faults_;  // by client id; "" is all
  bool open_ = false;
  bool exhausted_ = false;  // no descriptors left for new clients
  bool input_stopped_ = false;
  bool stopping_ = false;
  std::optional<std::promise<void>> taken_;  // kept when Mosquitto has taken all that it was sent

  std::mutex mutex_;
  std::vector<std::function<void()>> work_;
  std::thread thread_;
};

}  // namespace autotape
