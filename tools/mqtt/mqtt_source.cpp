#include "mqtt/mqtt_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <poll.h>

#include "mqtt/failure.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

// A larger batch delays its acknowledgement, and a broker that is killed or left repeats all of it.
constexpr std::size_t most_batch_bytes = std::size_t{4} << 20U;

// A connection that lasted this long was a good one: the next retry is the first again.
constexpr Duration good_connection = 10s;

int poll_timeout(Duration duration) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 1000));
}

Error foreign_session(const ClientSettings& client) {
  return connection_error(
      client.address(),
      fmt::format("the broker keeps a session for client id \"{}\" that this recorder did not "
                  "leave; if its owner was connected, it has seen its connection closed. Nothing "
                  "was subscribed or acknowledged",
                  client.client_id),
      "use a certificate of your own, or --take-over to receive that session's messages instead of "
      "its owner");
}

// What it has queued would come onto the tape of another stream.
Error session_of_another_filter(const MqttSourceSettings& settings) {
  return connection_error(
      settings.client.address(),
      fmt::format("the session of client id \"{}\" is subscribed to \"{}\", and would bring that "
                  "instead of \"{}\"",
                  settings.client.client_id, settings.kept_filter, settings.topic_filter),
      fmt::format("-t '{}' goes on with it; --end-session ends it, and what it has queued is gone: "
                  "then record again",
                  settings.kept_filter));
}

// With QoS 0 a broker keeps nothing for who is away, and sends nothing again.
Error lower_qos(const MqttSourceSettings& settings, std::uint8_t granted) {
  return connection_error(
      settings.client.address(),
      fmt::format("the broker grants QoS {} to the subscription to \"{}\", not QoS {}: messages "
                  "might be lost",
                  granted, settings.topic_filter, settings.qos),
      fmt::format("-q {} takes them as they come", granted));
}

Error refused_subscription(const MqttSourceSettings& settings, std::uint8_t code,
                           bool session_was_kept) {
  const std::string refused =
      fmt::format("the broker refused the subscription to \"{}\"", settings.topic_filter);
  constexpr std::uint8_t unspecified = 0x80;  // MQTT 3.1.1 knows no other
  constexpr std::uint8_t not_authorized = 0x87;
  if (code != unspecified && code != not_authorized) {
    return connection_error(settings.client.address(),
                            fmt::format("{}: {}", refused, reason_of(code)));
  }
  return connection_error(
      settings.client.address(), refused,
      session_was_kept
          ? "the topic must begin with the environment and the App ID of the certificate; if it "
            "does, the session that the broker had kept is subscribed to another one: "
            "--end-session ends it, then record again"
          : "the topic must begin with the environment and the App ID of the certificate");
}

}  // namespace

MqttSource::MqttSource(MqttSourceSettings settings, int wake_descriptor)
    : settings_(std::move(settings)),
      wake_descriptor_(wake_descriptor),
      retry_(settings_.first_retry) {}

Result<void> MqttSource::receive(std::vector<SourceEvent>& batch, std::size_t most,
                                 Duration timeout) {
  const MonotonicTime until = monotonic_now() + timeout;
  batch_ = &batch;
  batch_messages_ = 0;
  batch_bytes_ = 0;
  const std::size_t before = batch.size();
  do {
    Result<void> result;
    if (client_) {
      result = exchange(most, until);
    } else if (attempt_) {
      result = await_attempt(until);
    } else if (monotonic_now() >= next_attempt_) {
      result = begin_attempt();
    } else {
      AUTOTAPE_TRY(wait(std::min(until, next_attempt_)));
    }
    if (!result) {
      if (final_error_ || !was_subscribed_) {
        client_.reset();
        attempt_.reset();
        return final_error_ ? *final_error_ : result.error();
      }
      lose_connection(result.error());
    }
    if (asked_to_stop()) {
      break;
    }
  } while (batch.size() == before && monotonic_now() < until);
  return {};
}

void MqttSource::acknowledge() {
  // A failure shows at the next read, too.
  if (client_) {
    static_cast<void>(client_->write());
  }
}

void MqttSource::disconnect() {
  if (client_ && client_->disconnect()) {
    static_cast<void>(client_->write());
  }
  client_.reset();
  attempt_.reset();
  state_ = State::disconnected;
}

Result<void> MqttSource::begin_attempt() {
  connection_began_ = monotonic_now();
  AUTOTAPE_TRY_ASSIGN(auto client, Client::create(settings_.client, *this, ClientUse::subscriber));
  attempt_ = std::make_unique<PendingConnection>(std::move(client));
  state_ = State::reaching;
  return {};
}

Result<void> MqttSource::await_attempt(MonotonicTime until) {
  AUTOTAPE_TRY(wait(until));
  auto outcome = attempt_->take();
  if (!outcome) {
    return {};
  }
  attempt_.reset();
  AUTOTAPE_TRY_ASSIGN(client_, std::move(*outcome));
  connection_began_ = monotonic_now();
  last_keep_alive_ = connection_began_;
  session_present_.reset();
  may_hold_packets_ = false;
  state_ = State::connecting;
  return {};
}

// Nothing that was given by receive() waits for its acknowledgement here, so that writing is safe.
Result<void> MqttSource::exchange(std::size_t most, MonotonicTime until) {
  if (client_->wants_write()) {
    AUTOTAPE_TRY(client_->write());
  }
  if (!may_hold_packets_) {
    AUTOTAPE_TRY(wait(until));
  }
  AUTOTAPE_TRY(read_packets(most));

  const MonotonicTime now = monotonic_now();
  if (now - last_keep_alive_ >= 1s) {
    last_keep_alive_ = now;
    AUTOTAPE_TRY(client_->keep_alive());
  }
  if (state_ != State::subscribed && now - connection_began_ > settings_.answer_within) {
    return connection_error(settings_.client.address(), "the broker does not answer",
                            "is it an MQTT broker, and is the port right?");
  }
  return {};
}

Result<void> MqttSource::read_packets(std::size_t most) {
  while (true) {
    if (batch_messages_ >= most || batch_bytes_ >= most_batch_bytes) {
      may_hold_packets_ = true;
      return {};
    }
    AUTOTAPE_TRY_ASSIGN(const bool more, client_->read());
    if (final_error_) {
      return *final_error_;
    }
    if (session_present_) {
      AUTOTAPE_TRY(subscribe_after_connack());
    }
    if (!more) {
      may_hold_packets_ = false;
      return {};
    }
  }
}

Result<void> MqttSource::subscribe_after_connack() {
  const bool session_present = *session_present_;
  session_present_.reset();
  session_was_kept_ = session_present;
  session_is_ours_ = session_is_ours_ || !session_present || settings_.use_kept_session;
  if (session_present && !was_subscribed_) {
    final_error_ = refuse_session();
    if (final_error_) {
      disconnect();
      return *final_error_;
    }
  }
  batch_->emplace_back(Connected{session_present});
  state_ = State::subscribing;
  AUTOTAPE_TRY(client_->subscribe(settings_.topic_filter, settings_.qos));
  return {};
}

std::optional<Error> MqttSource::refuse_session() const {
  if (!settings_.use_kept_session) {
    return foreign_session(settings_.client);
  }
  if (!settings_.kept_filter.empty() && settings_.kept_filter != settings_.topic_filter) {
    return session_of_another_filter(settings_);
  }
  return std::nullopt;
}

void MqttSource::on_connack(bool session_present, const std::optional<Error>& refusal) {
  if (!refusal) {
    session_present_ = session_present;
  }
}

void MqttSource::on_suback(PacketId, std::uint8_t code) {
  if (code > 2) {
    final_error_ = refused_subscription(settings_, code, session_was_kept_);
  } else if (code < settings_.qos) {
    final_error_ = lower_qos(settings_, code);
  } else {
    state_ = State::subscribed;
    was_subscribed_ = true;
    batch_->emplace_back(Subscribed{});
  }
}

void MqttSource::on_publish(Message&& message) {
  ++batch_messages_;
  batch_bytes_ += message.topic.size() + message.payload.size();
  batch_->emplace_back(std::move(message));
}

// Until the socket or the wake descriptor is ready, or the time has come; in steps of a second at
// most, for the keep-alive.
Result<void> MqttSource::wait(MonotonicTime until) {
  const int connection = client_ ? client_->descriptor() : -1;  // poll() skips negative ones
  const int socket = attempt_ ? attempt_->descriptor() : connection;
  const bool wants_write = client_ && client_->wants_write();
  std::array<pollfd, 2> descriptors{{
      {socket, static_cast<short>(wants_write ? POLLIN | POLLOUT : POLLIN), 0},
      {wake_descriptor_, POLLIN, 0},
  }};
  if (::poll(descriptors.data(), descriptors.size(), poll_timeout(until - monotonic_now())) < 0 &&
      errno != EINTR) {
    return internal_error("poll() failed");
  }
  return {};
}

bool MqttSource::asked_to_stop() const {
  pollfd wake{wake_descriptor_, POLLIN, 0};  // poll() skips a negative one
  return ::poll(&wake, 1, 0) > 0;
}

void MqttSource::lose_connection(const Error& reason) {
  const bool was_connected = state_ == State::subscribing || state_ == State::subscribed;
  client_.reset();
  attempt_.reset();
  state_ = State::disconnected;
  const MonotonicTime now = monotonic_now();
  if (now - connection_began_ >= good_connection) {
    retry_ = settings_.first_retry;
  }
  batch_->emplace_back(Disconnected{reason, retry_, was_connected});
  next_attempt_ = now + retry_;
  retry_ = std::min(retry_ * 2, settings_.longest_retry);
}

}  // namespace autotape
