#include "mqtt/mqtt_publisher.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/quantity.hpp"
#include "mqtt/client.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr Duration keep_alive_every = 1s;
constexpr Duration first_retry = 100ms;
constexpr Duration longest_retry = 5s;
constexpr Duration connack_within = 20s;

// A broker that closes the connection whenever a message comes will do so for ever.
constexpr int most_losses_in_a_row = 5;

Error system_error(std::string_view doing) {
  return internal_error(fmt::format("cannot {}: {}", doing, std::strerror(errno)));
}

}  // namespace

// One connection, and which of its packets belongs to which ticket.
class MqttPublisher::Lane final : private ClientEvents {
 public:
  Lane(ClientSettings settings, Duration reconnect_within, int epoll)
      : settings_(std::move(settings)), reconnect_within_(reconnect_within), epoll_(epoll) {}

  Result<void> connect_first() {
    AUTOTAPE_TRY_ASSIGN(client_, Client::create(settings_, *this));
    return begin_connection();
  }

  bool connected() const { return state_ == State::connected; }
  bool has_room() const { return in_flight_ < client_->receive_maximum(); }

  Result<void> publish(Ticket ticket, const Message& message) {
    AUTOTAPE_TRY_ASSIGN(const PacketId id, client_->publish(message));
    tickets_[id] = ticket;
    ++in_flight_;
    queued_ = true;
    last_topic_ = message.topic;
    return {};
  }

  // An error here is a lost connection, which serve() finds and reports.
  void flush() {
    if (std::exchange(queued_, false) && client_->descriptor() >= 0) {
      (void)client_->write();
    }
  }

  // Sends, receives, and does what time asks for.
  Result<void> serve(std::vector<PublisherEvent>& events) {
    events_ = &events;
    const MonotonicTime now = monotonic_now();
    if (state_ == State::lost) {
      return now < next_attempt_ ? Result<void>() : retry();
    }
    if (const auto exchanged = exchange(now); !exchanged) {
      return lose(exchanged.error());
    }
    watch();
    return {};
  }

  MonotonicTime next_chore() const {
    return state_ == State::lost ? next_attempt_ : last_keep_alive_ + keep_alive_every;
  }

  void disconnect() {
    if (client_ != nullptr && client_->disconnect()) {
      queued_ = true;
      flush();
    }
  }

 private:
  enum class State { connecting, connected, lost };

  Result<void> begin_connection() {
    state_ = State::connecting;
    began_ = last_keep_alive_ = monotonic_now();
    AUTOTAPE_TRY(client_->connect());
    watched_ = -1;  // a new socket, whatever its number
    watch();
    return {};
  }

  Result<void> exchange(MonotonicTime now) {
    AUTOTAPE_TRY(client_->write());
    while (true) {
      AUTOTAPE_TRY_ASSIGN(const bool more, client_->read());
      if (!more) {
        break;
      }
    }
    if (state_ == State::connecting && now - began_ > connack_within) {
      return connection_error(settings_.address(), "does not answer CONNECT");
    }
    if (now - last_keep_alive_ >= keep_alive_every) {
      last_keep_alive_ = now;
      AUTOTAPE_TRY(client_->keep_alive());
    }
    return {};
  }

  Result<void> retry() {
    if (const auto begun = begin_connection(); !begun) {
      return lose(begun.error());
    }
    return {};
  }

  Result<void> lose(const Error& reason) {
    const MonotonicTime now = monotonic_now();  // connecting may have taken minutes
    if (!was_connected_) {
      return reason;
    }
    if (state_ == State::connected) {
      lost_since_ = now;
      retry_after_ = first_retry;
      if (++losses_in_a_row_ > most_losses_in_a_row) {
        return connection_error(
            settings_.address(),
            fmt::format("closes the connection whenever a message is published, last to \"{}\"",
                        last_topic_),
            "may this identity publish there?");
      }
      events_->emplace_back(ConnectionLost{reason});
    } else if (now - lost_since_ > reconnect_within_) {
      return connection_error(
          reason.where,
          fmt::format("{}; gave up after {}", reason.what, describe_duration(reconnect_within_)),
          reason.advice);
    } else {
      retry_after_ = std::min(retry_after_ * 2, longest_retry);
    }
    state_ = State::lost;
    next_attempt_ = now + retry_after_;
    return {};
  }

  // libmosquitto sends again what is in flight, with the same packet ids and DUP = 1, right after
  // CONNACK.
  void on_connack(bool, const std::optional<Error>& refusal) override {
    if (refusal) {
      return;  // read() returns it
    }
    state_ = State::connected;
    if (std::exchange(was_connected_, true)) {
      ConnectionRestored restored;
      std::copy_if(tickets_.begin(), tickets_.end(), std::back_inserter(restored.sent_again),
                   [](Ticket ticket) { return ticket != 0; });
      std::sort(restored.sent_again.begin(), restored.sent_again.end());
      events_->emplace_back(std::move(restored));
    }
  }

  void on_puback(PacketId id, bool accepted) override {
    const Ticket ticket = std::exchange(tickets_[id], 0);
    if (ticket == 0) {
      return;
    }
    --in_flight_;
    losses_in_a_row_ = 0;
    if (accepted) {
      events_->emplace_back(PublishAcknowledged{ticket, monotonic_now()});
    } else {
      events_->emplace_back(PublishRefused{ticket});
    }
  }

  // Polls for writing only while something waits to be written.
  void watch() {
    const int descriptor = client_->descriptor();
    const bool writing = client_->wants_write();
    if (descriptor < 0 || (descriptor == watched_ && writing == watched_for_writing_)) {
      return;
    }
    epoll_event event{};
    event.events = EPOLLIN | (writing ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.fd = descriptor;
    const int operation = descriptor == watched_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_, operation, descriptor, &event) != 0 && errno == EEXIST) {
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
    }
    watched_ = descriptor;
    watched_for_writing_ = writing;
  }

  ClientSettings settings_;
  Duration reconnect_within_;
  int epoll_;
  std::unique_ptr<Client> client_;
  State state_ = State::connecting;
  std::vector<PublisherEvent>* events_ = nullptr;              // of the serve() that runs
  std::vector<Ticket> tickets_ = std::vector<Ticket>(65'536);  // by packet id; 0: none
  std::size_t in_flight_ = 0;
  bool queued_ = false;  // something waits to be written
  std::string last_topic_;
  int watched_ = -1;
  bool watched_for_writing_ = false;
  bool was_connected_ = false;
  int losses_in_a_row_ = 0;  // without a PUBACK between them
  MonotonicTime began_;
  MonotonicTime last_keep_alive_;
  MonotonicTime lost_since_;
  MonotonicTime next_attempt_;
  Duration retry_after_ = first_retry;
};

MqttPublisher::MqttPublisher(MqttPublisherSettings settings, int wake_descriptor)
    : settings_(std::move(settings)), wake_descriptor_(wake_descriptor) {}

MqttPublisher::~MqttPublisher() {
  lanes_.clear();
  for (const int descriptor : {epoll_, timer_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

Result<std::unique_ptr<MqttPublisher>> MqttPublisher::connect(const MqttPublisherSettings& settings,
                                                              int wake_descriptor) {
  std::unique_ptr<MqttPublisher> publisher(new MqttPublisher(settings, wake_descriptor));
  AUTOTAPE_TRY(publisher->open());
  AUTOTAPE_TRY(publisher->connect_lanes());
  return publisher;
}

Result<void> MqttPublisher::open() {
  // The kernel may otherwise wake us 50 µs late, to save power.
  ::prctl(PR_SET_TIMERSLACK, 1);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (epoll_ < 0 || timer_ < 0) {
    return system_error("make a timer");
  }
  for (const int descriptor : {timer_, wake_descriptor_}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (descriptor >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
      return system_error("watch a descriptor");
    }
  }
  return {};
}

Result<void> MqttPublisher::connect_lanes() {
  for (std::size_t i = 0; i < settings_.lanes; ++i) {
    ClientSettings client = settings_.client;
    if (i > 0) {
      client.client_id += fmt::format("-{}", i + 1);
    }
    lanes_.push_back(std::make_unique<Lane>(client, settings_.reconnect_within, epoll_));
    AUTOTAPE_TRY(lanes_.back()->connect_first());
  }
  std::vector<PublisherEvent> events;
  while (!all_connected()) {
    AUTOTAPE_TRY(serve_lanes(events));
    if (!all_connected()) {
      AUTOTAPE_TRY_ASSIGN(const bool woken, sleep(next_chore()));
      if (woken) {
        return connection_error(settings_.client.address(),
                                "was not reached before the interruption");
      }
    }
  }
  return {};
}

bool MqttPublisher::ready(std::size_t lane) const {
  return lanes_[lane]->has_room() && all_connected();
}

bool MqttPublisher::all_connected() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const auto& lane) { return lane->connected(); });
}

Result<void> MqttPublisher::publish(Ticket ticket, const Message& message, std::size_t lane) {
  if (message.properties && settings_.client.version != MqttVersion::v5) {
    ++without_properties_;
    Message plain = message;
    plain.properties.reset();
    return lanes_[lane]->publish(ticket, plain);
  }
  return lanes_[lane]->publish(ticket, message);
}

Result<void> MqttPublisher::flush() {
  for (const auto& lane : lanes_) {
    lane->flush();
  }
  return {};
}

Result<void> MqttPublisher::wait(MonotonicTime until, std::vector<PublisherEvent>& events) {
  const std::size_t before = events.size();
  while (true) {
    AUTOTAPE_TRY(serve_lanes(events));
    if (events.size() > before || monotonic_now() >= until) {
      return {};
    }
    AUTOTAPE_TRY_ASSIGN(const bool woken, sleep(std::min(until, next_chore())));
    if (woken) {
      return {};
    }
  }
}

void MqttPublisher::disconnect() {
  for (const auto& lane : lanes_) {
    lane->disconnect();
  }
}

Result<void> MqttPublisher::serve_lanes(std::vector<PublisherEvent>& events) {
  for (const auto& lane : lanes_) {
    AUTOTAPE_TRY(lane->serve(events));
  }
  return {};
}

MonotonicTime MqttPublisher::next_chore() const {
  MonotonicTime next = MonotonicTime::max();
  for (const auto& lane : lanes_) {
    next = std::min(next, lane->next_chore());
  }
  return next;
}

// True if the wake descriptor has become readable. It stays so while the last acknowledgements are
// waited for, and is watched no longer.
Result<bool> MqttPublisher::sleep(MonotonicTime until) {
  const Duration since_boot = std::max(until.time_since_epoch(), Duration(1));  // 0 would disarm
  itimerspec at{};
  at.it_value.tv_sec = since_boot / 1s;
  at.it_value.tv_nsec = (since_boot % 1s).count();
  if (::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr) != 0) {
    return system_error("set a timer");
  }
  std::array<epoll_event, 16> ready{};
  const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
  if (count < 0 && errno != EINTR) {
    return system_error("wait for the network");
  }
  const bool woken =
      std::any_of(ready.begin(), ready.begin() + std::max(count, 0),
                  [this](const epoll_event& event) { return event.data.fd == wake_descriptor_; });
  if (woken) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, wake_descriptor_, nullptr);
  }
  return woken;
}

}  // namespace autotape
