#include "run/delivery_join.hpp"

#include <algorithm>

namespace autotape {

void DeliveryJoin::complete(BrokerEvent& event) {
  if (event.kind == BrokerEventKind::published && event.message) {
    waiting_.push_back({*event.message, event.topic.value_or(""), event.message_id, false});
    if (waiting_.size() > most_waiting) {
      waiting_.pop_front();
    }
  } else if (event.client != client_) {
    return;
  } else if (event.kind == BrokerEventKind::delivered) {
    complete_delivery(event);
  } else if (!event.message && (event.kind == BrokerEventKind::redelivered ||
                                event.kind == BrokerEventKind::acknowledged)) {
    complete_by_packet(event);
  }
}

std::deque<DeliveryJoin::Published>::iterator DeliveryJoin::find_published(
    const BrokerEvent& delivery) {
  if (!delivery.message) {
    return std::find_if(waiting_.begin(), waiting_.end(), [&](const Published& one) {
      return !one.taken && one.topic == delivery.topic;
    });
  }
  const auto found = std::lower_bound(
      waiting_.begin(), waiting_.end(), *delivery.message,
      [](const Published& one, std::uint64_t message) { return one.message < message; });
  const bool is_it =
      found != waiting_.end() && found->message == *delivery.message && !found->taken;
  return is_it ? found : waiting_.end();
}

// A client that wants some topics only leaves the others standing here: nothing may move them.
void DeliveryJoin::take(std::deque<Published>::iterator published) {
  published->taken = true;
  while (!waiting_.empty() && waiting_.front().taken) {
    waiting_.pop_front();
  }
}

void DeliveryJoin::complete_delivery(BrokerEvent& event) {
  const auto found = find_published(event);
  if (found == waiting_.end()) {
    return;
  }
  event.message = found->message;
  event.message_id = found->message_id;
  if (event.mid) {
    by_packet_[*event.mid] = *found;
  }
  take(found);
}

void DeliveryJoin::complete_by_packet(BrokerEvent& event) const {
  const auto found = event.mid ? by_packet_.find(*event.mid) : by_packet_.end();
  if (found != by_packet_.end() && found->second.topic == event.topic) {
    event.message = found->second.message;
    event.message_id = found->second.message_id;
  }
}

}  // namespace autotape
