#include "mockbroker/harness/proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mockbroker/harness/socket_address.hpp"

namespace autotape {
namespace {

// Tags of what is no connection: ProxyConnection's begin at 2.
constexpr std::uint64_t listener_tag = 0;
constexpr std::uint64_t wake_tag = 1;
constexpr std::uint64_t taking_tag = ~std::uint64_t{0};

constexpr int busy_retry_ms = 5;

void add_to_set(int epoll, int descriptor, std::uint64_t tag) {
  epoll_event event{EPOLLIN, {.u64 = tag}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

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
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      taking_(::epoll_create1(EPOLL_CLOEXEC)) {
  add_to_set(epoll_, wake_, wake_tag);
  add_to_set(epoll_, taking_, taking_tag);
  thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
  call([this] { stopping_ = true; });
  thread_.join();
  for (const int descriptor : {listener_, epoll_, wake_, taking_}) {
    ::close(descriptor);
  }
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
    if (!std::exchange(open_, true)) {
      listen_for_clients(!waiting_);
    }
  });
}

void Proxy::close() {
  call([this] {
    if (std::exchange(open_, false)) {
      listen_for_clients(false);
    }
  });
}

void Proxy::identify(const std::string& address, const std::string& client) {
  call([&] {
    if (const auto found = by_address_.find(address); found != by_address_.end()) {
      ProxyConnection& connection = *connections_.at(found->second);
      connection.identify(client);
      apply_faults(connection);
      serve(connection, monotonic_now());
    }
  });
}

std::size_t Proxy::set_fault(const ClientChoice& client, Direction direction,
                             const std::function<void(FlowFault&)>& change) {
  std::size_t count = 0;
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
    kept.to_client.cut_after.reset();
    kept.to_broker.cut_after.reset();
    const MonotonicTime now = monotonic_now();
    for (ProxyConnection* connection : connections_of(client)) {
      change_both(connection->to_client(), connection->to_broker());
      serve(*connection, now);
      ++count;
    }
  });
  return count;
}

void Proxy::clear_faults(const ClientChoice& client) {
  call([&] {
    if (client) {
      faults_.erase(*client);
    } else {
      faults_.clear();
    }
    const MonotonicTime now = monotonic_now();
    for (ProxyConnection* connection : connections_of(client)) {
      connection->to_client() = {};
      connection->to_broker() = {};
      connection->release();
      serve(*connection, now);
    }
  });
}

bool Proxy::hold_input(const std::string& client) {
  bool found = false;
  call([&] {
    if (ProxyConnection* connection = newest_of(client)) {
      connection->hold();
      found = true;
    }
  });
  return found;
}

void Proxy::cut_when_answered(const std::string& client, Duration patience) {
  call([&] {
    if (ProxyConnection* connection = newest_of(client)) {
      const MonotonicTime now = monotonic_now();
      connection->cut_at_input(now + patience);
      serve(*connection, now);
    }
  });
}

bool Proxy::stop_input(Duration timeout) {
  std::future<void> taken;
  call([&] {
    input_stopped_ = true;
    taken = taken_.emplace().get_future();
    for (const auto& [number, connection] : connections_) {
      connection->watch_taking(taking_);
    }
    notice_taken();
  });
  return taken.wait_for(timeout) == std::future_status::ready;
}

// Tells who waits in stop_input() when there is nothing left to wait for.
void Proxy::notice_taken() {
  const auto taken = [](const auto& entry) { return entry.second->taken(); };
  if (taken_ && std::all_of(connections_.begin(), connections_.end(), taken)) {
    taken_->set_value();
    taken_.reset();
  }
}

void Proxy::resume_input() {
  call([this] {
    input_stopped_ = false;
    taken_.reset();
    const MonotonicTime now = monotonic_now();
    for (ProxyConnection* connection : connections_of({})) {
      connection->forget_taking(taking_);
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
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      take_event(event.data.u64, event.events, now);
    }
    if (waiting_ && open_) {
      connect_waiting();
      listen_for_clients(!waiting_);
    }
    do_work();
    serve_due(now);
  }
  connections_.clear();
}

void Proxy::take_event(std::uint64_t tag, std::uint32_t happened, MonotonicTime now) {
  if (tag == listener_tag) {
    accept_clients();
  } else if (tag == wake_tag) {
    std::uint64_t ignored = 0;
    (void)!::read(wake_, &ignored, sizeof ignored);
  } else if (tag == taking_tag) {
    std::array<epoll_event, 256> taken;
    (void)::epoll_wait(taking_, taken.data(), static_cast<int>(taken.size()), 0);
    notice_taken();
  } else if (const auto found = connections_.find(ProxyConnection::number_of(tag));
             found != connections_.end()) {
    if ((happened & ~std::uint32_t{EPOLLOUT}) != 0) {
      found->second->readable(ProxyConnection::side_of(tag));
    }
    serve(*found->second, now);
  }
}

void Proxy::do_work() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(work_);
  }
  for (const auto& task : work) {
    task();
  }
}

void Proxy::serve_due(MonotonicTime now) {
  for (const std::uint64_t number : std::vector(timed_.begin(), timed_.end())) {
    ProxyConnection& connection = *connections_.at(number);
    const auto due = connection.next_due(now, input_stopped_);
    if (due && *due <= now) {
      serve(connection, now);
    }
  }
}

// Until something is due by time.
int Proxy::timeout_ms(MonotonicTime now) const {
  const bool retry = waiting_ && open_;
  MonotonicTime first = MonotonicTime::max();
  for (const std::uint64_t number : timed_) {
    first = std::min(
        first,
        connections_.at(number)->next_due(now, input_stopped_).value_or(MonotonicTime::max()));
  }
  if (first == MonotonicTime::max()) {
    return retry ? busy_retry_ms : -1;
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(first - now).count();
  return static_cast<int>(
      std::clamp<std::int64_t>(wait, 0, retry ? busy_retry_ms : std::int64_t{60'000}));
}

void Proxy::listen_for_clients(bool wanted) {
  if (wanted) {
    add_to_set(epoll_, listener_, listener_tag);
  } else {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_, nullptr);
  }
}

void Proxy::accept_clients() {
  while (open_ && !waiting_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
      const bool no_descriptors = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
      if (no_descriptors && !connections_.empty()) {  // until one of them ends
        exhausted_ = true;
        listen_for_clients(false);
      }
      return;
    }
    waiting_ = std::make_unique<ProxyConnection>(next_number_++, socket, epoll_);
    connect_waiting();
    if (waiting_) {  // others wait where they are
      listen_for_clients(false);
    }
  }
}

// Never blocks for Mosquitto: it may be waiting for us to take what it writes.
void Proxy::connect_waiting() {
  const auto backend = waiting_->connect(backend_);
  if (backend == ProxyConnection::Backend::busy) {
    return;
  }
  std::unique_ptr<ProxyConnection> connection = std::move(waiting_);
  if (backend == ProxyConnection::Backend::connected) {
    ProxyConnection& kept = *connection;
    by_address_[kept.address()] = kept.number();
    connections_.emplace(kept.number(), std::move(connection));
    apply_faults(kept);
    serve(kept, monotonic_now());
  }
}

void Proxy::serve(ProxyConnection& connection, MonotonicTime now) {
  if (!connection.serve(now, input_stopped_)) {
    end(connection);
  } else if (connection.next_due(now, input_stopped_)) {
    timed_.insert(connection.number());
  } else {
    timed_.erase(connection.number());
  }
}

void Proxy::end(ProxyConnection& connection) {
  timed_.erase(connection.number());
  if (const auto found = by_address_.find(connection.address());
      found != by_address_.end() && found->second == connection.number()) {
    by_address_.erase(found);
  }
  connections_.erase(connection.number());
  if (std::exchange(exhausted_, false)) {
    listen_for_clients(open_ && !waiting_);
  }
  notice_taken();
}

void Proxy::apply_faults(ProxyConnection& connection) {
  for (const std::string& whose : {std::string(), connection.client()}) {
    const auto found = faults_.find(whose);
    if (found != faults_.end() && (whose.empty() || !connection.client().empty())) {
      connection.to_client() = found->second.to_client;
      connection.to_broker() = found->second.to_broker;
    }
  }
}

// A copy: serving them may end them.
std::vector<ProxyConnection*> Proxy::connections_of(const ClientChoice& client) {
  std::vector<ProxyConnection*> chosen;
  for (const auto& [number, connection] : connections_) {
    if (!client || connection->client() == *client) {
      chosen.push_back(connection.get());
    }
  }
  return chosen;
}

// An older one may still be about to be taken over.
ProxyConnection* Proxy::newest_of(const std::string& client) {
  ProxyConnection* newest = nullptr;
  for (ProxyConnection* connection : connections_of(client)) {
    if (newest == nullptr || connection->number() > newest->number()) {
      newest = connection;
    }
  }
  return newest;
}

}  // namespace autotape
