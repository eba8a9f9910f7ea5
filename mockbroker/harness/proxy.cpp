#include "mockbroker/harness/proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <future>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mockbroker/harness/socket_address.hpp"
#include "mockbroker/plugin/proxy_name.hpp"

namespace autotape {
namespace {

constexpr std::uint64_t listener_tag = 0;
constexpr std::uint64_t wake_tag = ~std::uint64_t{0};
constexpr std::size_t block = 64 * 1024;
constexpr int most_blocks = 8;  // of one connection before the next has its turn

void close_socket(int& socket) {
  if (socket >= 0) {
    ::close(socket);
    socket = -1;
  }
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

struct Proxy::Connection {
  Connection(std::uint64_t id, int socket)
      : number(id), client_socket(socket), to_client(id * 2), to_broker(id * 2 + 1) {}
  ~Connection() {
    close_socket(client_socket);
    close_socket(broker_socket);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::uint64_t number;
  int client_socket;
  int broker_socket = -1;
  std::string address;
  std::string client;  // empty until it is identified
  ProxyFlow to_client;
  ProxyFlow to_broker;
  bool client_ended = false;  // nothing more comes from there
  bool broker_ended = false;
  std::uint32_t client_watched = 0;  // epoll events; 0: not in the set
  std::uint32_t broker_watched = 0;
  bool held = false;  // what the client sends is kept here
  std::optional<MonotonicTime> cut_at;
  bool cut_at_input = false;
  bool ended = false;

  ProxyFlow& flow(bool towards_broker) { return towards_broker ? to_broker : to_client; }
};

Result<std::unique_ptr<Proxy>> Proxy::listen(const std::string& bind, std::uint16_t port,
                                             const std::string& backend) {
  AUTOTAPE_TRY_ASSIGN(const int listener, listen_on(bind, port));
  const std::uint16_t bound = port_of(listener);
  return std::unique_ptr<Proxy>(new Proxy(listener, bound, backend));
}

Proxy::Proxy(int listener, std::uint16_t port, std::string backend)
    : listener_(listener),
      port_(port),
      backend_(std::move(backend)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{EPOLLIN, {.u64 = wake_tag}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
  call([this] { stopping_ = true; });
  thread_.join();
  close_socket(listener_);
  close_socket(epoll_);
  close_socket(wake_);
}

void Proxy::call(const std::function<void()>& work) {
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    work_.push_back([&] {
      work();
      done.set_value();
    });
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
  done.get_future().wait();
}

void Proxy::open() {
  call([this] {
    input_stopped_ = false;
    if (!open_) {
      open_ = true;
      epoll_event event{EPOLLIN, {.u64 = listener_tag}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
    }
  });
}

void Proxy::close() {
  call([this] {
    if (open_) {
      open_ = false;
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_, nullptr);
    }
  });
}

void Proxy::identify(const std::string& address, const std::string& client) {
  call([&] {
    for (auto& [number, connection] : connections_) {
      if (connection->address == address && !connection->ended) {
        connection->client = client;
        apply_faults(*connection);
        serve(*connection, monotonic_now());
      }
    }
  });
}

void Proxy::set_fault(const ClientChoice& client, Direction direction,
                      const std::function<void(FlowFault&)>& change) {
  call([&] {
    ClientFaults& kept = faults_[client.value_or("")];
    const auto change_both = [&](FlowFault& to_client, FlowFault& to_broker) {
      if (direction != Direction::to_broker) {
        change(to_client);
      }
      if (direction != Direction::to_client) {
        change(to_broker);
      }
    };
    change_both(kept.to_client, kept.to_broker);
    // A cut is for the connections of now.
    kept.to_client.cut_after.reset();
    kept.to_broker.cut_after.reset();
    const MonotonicTime now = monotonic_now();
    for (auto& [number, connection] : connections_) {
      if (!client || connection->client == *client) {
        change_both(connection->to_client.fault(), connection->to_broker.fault());
        serve(*connection, now);
      }
    }
  });
}

void Proxy::clear_faults(const ClientChoice& client) {
  call([&] {
    if (client) {
      faults_.erase(*client);
    } else {
      faults_.clear();
    }
    const MonotonicTime now = monotonic_now();
    for (auto& [number, connection] : connections_) {
      if (!client || connection->client == *client) {
        connection->to_client.fault() = {};
        connection->to_broker.fault() = {};
        connection->held = false;
        connection->cut_at.reset();
        connection->cut_at_input = false;
        serve(*connection, now);
      }
    }
  });
}

bool Proxy::hold_input(const std::string& client) {
  bool found = false;
  call([&] {
    if (Connection* connection = connection_of(client)) {
      connection->held = true;
      found = true;
    }
  });
  return found;
}

void Proxy::cut_when_answered(const std::string& client, Duration patience) {
  call([&] {
    Connection* connection = connection_of(client);
    if (connection != nullptr && connection->held && !connection->cut_at) {
      connection->cut_at = monotonic_now() + patience;
      connection->cut_at_input = true;
    }
  });
}

bool Proxy::stop_input(Duration timeout) {
  call([this] { input_stopped_ = true; });
  const MonotonicTime deadline = monotonic_now() + timeout;
  while (true) {
    bool taken = true;
    call([&] {
      for (const auto& [number, connection] : connections_) {
        int unread = 0;
        if (connection->broker_socket >= 0 &&
            ::ioctl(connection->broker_socket, SIOCOUTQ, &unread) == 0 && unread > 0) {
          taken = false;
        }
      }
    });
    if (taken || monotonic_now() >= deadline) {
      return taken;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Proxy::resume_input() {
  call([this] {
    input_stopped_ = false;
    const MonotonicTime now = monotonic_now();
    for (auto& [number, connection] : connections_) {
      serve(*connection, now);
    }
  });
}

void Proxy::run() {
  std::array<epoll_event, 256> events;
  while (!stopping_) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   timeout_ms(monotonic_now()));
    const MonotonicTime now = monotonic_now();
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
      if (tag == listener_tag) {
        accept_clients();
      } else if (tag == wake_tag) {
        std::uint64_t ignored = 0;
        (void)!::read(wake_, &ignored, sizeof ignored);
      } else if (const auto found = connections_.find(tag); found != connections_.end()) {
        serve(*found->second, now);
      }
    }
    std::vector<std::function<void()>> work;
    {
      const std::lock_guard lock(mutex_);
      work.swap(work_);
    }
    for (const auto& task : work) {
      task();
    }
    for (const std::uint64_t number : std::vector(timed_.begin(), timed_.end())) {
      const std::unique_ptr<Connection>& connection = connections_.at(number);
      const auto next =
          std::min(connection->to_client.next_due(now).value_or(MonotonicTime::max()),
                   connection->to_broker.next_due(now).value_or(MonotonicTime::max()));
      if (next <= now || (connection->cut_at && *connection->cut_at <= now)) {
        serve(*connection, now);
      }
    }
    remove_ended();
  }
  connections_.clear();
}

// Until something is due by time.
int Proxy::timeout_ms(MonotonicTime now) const {
  MonotonicTime first = MonotonicTime::max();
  for (const std::uint64_t number : timed_) {
    const Connection& connection = *connections_.at(number);
    for (const bool to_broker : {true, false}) {
      const ProxyFlow& flow = to_broker ? connection.to_broker : connection.to_client;
      const std::uint32_t watched =
          to_broker ? connection.broker_watched : connection.client_watched;
      const bool waits_for_socket = (watched & EPOLLOUT) != 0;
      const bool stopped = to_broker && (input_stopped_ || connection.held);
      const auto due = flow.next_due(now);
      if (due && !waits_for_socket && !stopped) {
        first = std::min(first, *due);
      }
    }
    first = std::min(first, connection.cut_at.value_or(MonotonicTime::max()));
  }
  if (first == MonotonicTime::max()) {
    return -1;
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(first - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(wait, 0, 60'000));
}

void Proxy::accept_clients() {
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
      return;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>(next_number_++, socket);
    connection->address = peer_of(socket);
    if (connect_backend(*connection)) {
      Connection& kept = *connection;
      connections_.emplace(kept.number, std::move(connection));
      apply_faults(kept);
      watch(kept);
    }
  }
}

bool Proxy::connect_backend(Connection& connection) {
  connection.broker_socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{5, 0};
  ::setsockopt(connection.broker_socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string own =
      fmt::format("{}{}.{}/{}", proxy_name, ::getpid(), connection.number, connection.address);
  std::memcpy(name.sun_path + 1, own.data(), std::min(own.size(), sizeof name.sun_path - 1));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + own.size());
  ::bind(connection.broker_socket, reinterpret_cast<const sockaddr*>(&name), size);

  sockaddr_un backend{};
  backend.sun_family = AF_UNIX;
  std::strncpy(backend.sun_path, backend_.c_str(), sizeof backend.sun_path - 1);
  // May wait for Mosquitto to take others from its queue; it never waits for us.
  if (::connect(connection.broker_socket, reinterpret_cast<const sockaddr*>(&backend),
                sizeof backend) != 0) {
    return false;
  }
  return ::fcntl(connection.broker_socket, F_SETFL, O_NONBLOCK) == 0;
}

// Moves what can be moved, both ways, and looks what to wait for.
void Proxy::serve(Connection& connection, MonotonicTime now) {
  if (connection.ended) {
    return;
  }
  const bool alive = move(connection, true, now) && move(connection, false, now);
  const bool cut = connection.cut_at && *connection.cut_at <= now;
  if (!alive || cut) {
    end(connection);
    return;
  }
  watch(connection);
  if (connection.to_client.empty() && connection.to_broker.empty() && !connection.cut_at) {
    timed_.erase(connection.number);
  } else {
    timed_.insert(connection.number);
  }
}

// Reads, and sends what is due. False when the connection is over.
bool Proxy::move(Connection& connection, bool to_broker, MonotonicTime now) {
  ProxyFlow& flow = connection.flow(to_broker);
  const int sink = to_broker ? connection.broker_socket : connection.client_socket;
  const bool& source_ended = to_broker ? connection.client_ended : connection.broker_ended;
  const bool stopped = to_broker && (input_stopped_ || connection.held);
  bool progress = true;
  for (int blocks = 0; progress && blocks < most_blocks; ++blocks) {
    progress = receive(connection, to_broker, now);
    while (!stopped) {
      const std::string_view bytes = flow.due(now);
      if (bytes.empty()) {
        break;
      }
      const ssize_t sent = ::send(sink, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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
  return !(source_ended && flow.empty() && !flow.fault().paused && !stopped);
}

// One block from the source into the flow; false if there is none now.
bool Proxy::receive(Connection& connection, bool to_broker, MonotonicTime now) {
  ProxyFlow& flow = connection.flow(to_broker);
  bool& source_ended = to_broker ? connection.client_ended : connection.broker_ended;
  const bool stopped = to_broker && input_stopped_;
  if (source_ended || flow.full() || flow.fault().paused || stopped) {
    return false;
  }
  static thread_local std::array<char, block> buffer;
  const ssize_t count = ::recv(to_broker ? connection.client_socket : connection.broker_socket,
                               buffer.data(), buffer.size(), 0);
  if (count > 0) {
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (flow.transparent() && !(to_broker && connection.held)) {
      const int sink = to_broker ? connection.broker_socket : connection.client_socket;
      const ssize_t sent = ::send(sink, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
    if (!bytes.empty()) {
      flow.add(bytes, now);
    }
    if (to_broker && connection.cut_at_input) {
      connection.cut_at = now;
    }
    return true;
  }
  source_ended = count == 0 || !would_block();
  return false;
}

void Proxy::watch(Connection& connection) {
  const auto wants_input = [&](bool to_broker) {
    const ProxyFlow& flow = connection.flow(to_broker);
    const bool ended = to_broker ? connection.client_ended : connection.broker_ended;
    return !ended && !flow.full() && !flow.fault().paused && !(to_broker && input_stopped_);
  };
  const MonotonicTime now = monotonic_now();
  const auto wants_output = [&](bool to_broker) {
    const bool stopped = to_broker && (input_stopped_ || connection.held);
    return !stopped && !connection.flow(to_broker).due(now).empty();
  };
  watch_socket(connection, connection.client_socket, connection.client_watched,
               (wants_input(true) ? EPOLLIN : 0U) | (wants_output(false) ? EPOLLOUT : 0U));
  watch_socket(connection, connection.broker_socket, connection.broker_watched,
               (wants_input(false) ? EPOLLIN : 0U) | (wants_output(true) ? EPOLLOUT : 0U));
}

// A socket of which nothing is wanted leaves the set: its hang-up would be reported again and
// again.
void Proxy::watch_socket(Connection& connection, int socket, std::uint32_t& watched,
                         std::uint32_t wanted) {
  if (watched == wanted) {
    return;
  }
  epoll_event event{wanted, {.u64 = connection.number}};
  const int operation = wanted == 0 ? EPOLL_CTL_DEL : watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  ::epoll_ctl(epoll_, operation, socket, &event);
  watched = wanted;
}

void Proxy::apply_faults(Connection& connection) {
  for (const std::string& whose : {std::string(), connection.client}) {
    const auto found = faults_.find(whose);
    if (found != faults_.end() && (whose.empty() || !connection.client.empty())) {
      connection.to_client.fault() = found->second.to_client;
      connection.to_broker.fault() = found->second.to_broker;
    }
  }
}

void Proxy::end(Connection& connection) {
  connection.ended = true;
  timed_.erase(connection.number);
  close_socket(connection.client_socket);
  close_socket(connection.broker_socket);
}

void Proxy::remove_ended() {
  std::erase_if(connections_, [](const auto& entry) { return entry.second->ended; });
}

// The newest: an older one may still be about to be taken over.
Proxy::Connection* Proxy::connection_of(const std::string& client) {
  Connection* newest = nullptr;
  for (auto& [number, connection] : connections_) {
    if (connection->client == client && !connection->ended &&
        (newest == nullptr || connection->number > newest->number)) {
      newest = connection.get();
    }
  }
  return newest;
}

}  // namespace autotape
