#include "run/delivery_join.hpp"

#include <algorithm>

namespace autotape {

void DeliveryJoin::complete(BrokerEvent& event) {
  if (event.kind == BrokerEventKind::published && event.message) {
    waiting_.push_back({*event.message, event.topic.value_or(""), event.message_id});
    if (waiting_.size() > most_waiting) {
      waiting_.pop_front();
    }
  } else if (event.client != client_) {
    return;
  } else if (event.kind == BrokerEventKind::delivered) {
    complete_delivery(event);
  } else if (event.kind == BrokerEventKind::redelivered && !event.message) {
    complete_redelivery(event);
  }
}

void DeliveryJoin::complete_delivery(BrokerEvent& event) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Published& one) {
    return event.message ? one.message == event.message : one.topic == event.topic;
  });
  if (found == waiting_.end()) {
    return;
  }
  event.message = found->message;
  event.message_id = found->message_id;
  if (event.mid) {
    by_packet_[*event.mid] = *found;
  }
  waiting_.erase(found);
}

void DeliveryJoin::complete_redelivery(BrokerEvent& event) const {
  const auto found = event.mid ? by_packet_.find(*event.mid) : by_packet_.end();
  if (found != by_packet_.end() && found->second.topic == event.topic) {
    event.message = found->second.message;
    event.message_id = found->second.message_id;
  }
}

}  // namespace autotape
