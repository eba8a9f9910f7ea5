#include "mqtt/direct_receiver.hpp"

#include <algorithm>
#include <cstring>

#include <mosquitto.h>

#include "mqtt/client.hpp"
#include "mqtt/failure.hpp"
#include "x509/tls_buffers.hpp"

namespace autotape {
namespace {

constexpr std::size_t block = 64 * 1024;

}  // namespace

void DirectReceiver::take_over(ssl_st* tls) {
  const std::size_t count = tls_bytes_at_hand(tls);
  buffer_.resize(std::max(block, count));
  end_ = read_tls(tls, buffer_.data(), count).value_or(0);  // a failure shows at the next read, too
}

Result<bool> DirectReceiver::read(ssl_st* tls) {
  while (true) {
    std::string_view rest = std::string_view(buffer_).substr(begin_, end_ - begin_);
    const auto packet = take_packet(rest);
    if (!packet) {
      return wrong_packet();
    }
    if (*packet) {
      begin_ = end_ - rest.size();
      AUTOTAPE_TRY(take(**packet));
      return true;
    }
    AUTOTAPE_TRY_ASSIGN(const bool more, fill(tls));
    if (!more) {
      return false;
    }
  }
}

// False if nothing waits. The buffer grows to the largest packet.
Result<bool> DirectReceiver::fill(ssl_st* tls) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + block / 2) {
    buffer_.resize(std::max(block, buffer_.size() * 2));
  }
  const auto count = read_tls(tls, buffer_.data() + end_, buffer_.size() - end_);
  if (!count) {
    return connection_failure(settings_, MOSQ_ERR_CONN_LOST, {}, true);
  }
  end_ += *count;
  if (*count > 0) {
    last_received_ = monotonic_now();
  }
  return *count > 0;
}

Result<void> DirectReceiver::take(const PacketView& packet) {
  switch (packet.type) {
    case PacketType::publish:
      return take_publish(packet);
    case PacketType::pubrel: {
      const auto id = read_packet_id(packet);
      if (!id) {
        return wrong_packet();
      }
      unreleased_.reset(*id);
      append_acknowledgement(to_send_, PacketType::pubcomp, *id);
      return {};
    }
    case PacketType::suback: {
      const auto suback = read_suback(packet, settings_.version);
      if (!suback) {
        return wrong_packet();
      }
      events_.on_suback(suback->id, suback->code);
      return {};
    }
    case PacketType::pingresp:
      ping_unanswered_ = false;
      return {};
    case PacketType::disconnect:
      return disconnected_by_broker(settings_, read_disconnect_reason(packet));
    default:
      return wrong_packet();
  }
}

Result<void> DirectReceiver::take_publish(const PacketView& packet) {
  auto publish = read_publish(packet, settings_.version);
  if (!publish) {
    return wrong_packet();
  }
  const std::uint8_t qos = publish->message.qos;
  bool given_before = false;
  if (qos == 1) {
    append_acknowledgement(to_send_, PacketType::puback, publish->id);
  } else if (qos == 2) {
    append_acknowledgement(to_send_, PacketType::pubrec, publish->id);
    given_before = unreleased_.test(publish->id);
    unreleased_.set(publish->id);
  }
  if (!given_before) {
    events_.on_publish(std::move(publish->message));
  }
  return {};
}

Result<void> DirectReceiver::write(ssl_st* tls) {
  const auto written = write_tls(tls, to_send_);
  if (!written) {
    return connection_failure(settings_, MOSQ_ERR_CONN_LOST, {}, true);
  }
  to_send_.erase(0, *written);
  if (ping_queued_ && !to_send_.empty()) {
    ping_held_ = ping_held_.value_or(monotonic_now());
  } else if (ping_queued_) {
    ping_queued_ = false;
    ping_held_.reset();
    ping_unanswered_ = true;
    last_ping_ = monotonic_now();
  }
  return {};
}

// A PINGREQ goes out once in each period, and whatever comes after it shows that the broker is
// there: its answer may wait behind messages that a slow disk keeps from being read, as it may
// itself wait here for the disk.
Result<void> DirectReceiver::keep_alive() {
  const MonotonicTime now = monotonic_now();
  const bool waits = ping_unanswered_ || ping_held_;
  if (waits && now - std::max(ping_held_.value_or(last_ping_), last_received_) >= keep_alive_) {
    return connection_failure(settings_, MOSQ_ERR_KEEPALIVE, {}, true);
  }
  if (!ping_queued_ && !ping_unanswered_ && now - last_ping_ >= keep_alive_) {
    append_pingreq(to_send_);
    ping_queued_ = true;
  }
  return {};
}

Error DirectReceiver::wrong_packet() const {
  return connection_failure(settings_, MOSQ_ERR_PROTOCOL, {}, true);
}

}  // namespace autotape
