// Which message a delivery was, where the broker's log could not say.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "journal/broker_event.hpp"

namespace autotape {

// Mosquitto's log shows a delivery with topic and packet identifier only, and the broker's number
// is found by joining it with what was queued; around a reconnect that join can come out empty.
// Messages of one topic come in the order in which they were published, so the first one of it that
// was not delivered is meant; a redelivery and an acknowledgement have the packet identifier of
// the delivery. Give it all events of a log in order. Remembers the last 10,000 messages that were
// published and not delivered.
class DeliveryJoin {
 public:
  explicit DeliveryJoin(std::string client) : client_(std::move(client)) {}

  // Completes a delivery or redelivery to the client, or its acknowledgement; anything else is
  // only remembered.
  void complete(BrokerEvent& event);

 private:
  struct Published {
    std::uint64_t message = 0;
    std::string topic;
    std::optional<std::string> message_id;
    bool taken = false;  // was delivered, and stands between others that were not
  };

  void complete_delivery(BrokerEvent& event);
  std::deque<Published>::iterator find_published(const BrokerEvent& delivery);
  void take(std::deque<Published>::iterator published);
  void complete_by_packet(BrokerEvent& event) const;

  static constexpr std::size_t most_waiting = 10'000;

  std::string client_;
  std::deque<Published> waiting_;  // by number
  std::unordered_map<std::uint16_t, Published>
      by_packet_;  // packet identifier of the last delivery
};

}  // namespace autotape
