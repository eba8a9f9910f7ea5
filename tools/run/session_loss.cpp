#include "run/session_loss.hpp"

#include <algorithm>

#include "message/topic_filter.hpp"

namespace autotape {

void SessionLoss::note(const BrokerEvent& event) {
  if (event.kind == BrokerEventKind::published) {
    note_published(event);
    return;
  }
  if (event.kind == BrokerEventKind::possible_loss && (!event.client || event.client == client_)) {
    broker_forgot_ = true;
  }
  if (event.client != client_) {
    return;
  }
  if (event.kind == BrokerEventKind::connected && event.session_present != true) {
    without_subscription_ = true;
    give_up_waiting();
  } else if (event.kind == BrokerEventKind::subscribed) {
    if (without_subscription_) {
      give_up_waiting();
      without_subscription_ = false;
      broker_forgot_ = false;
    }
    filters_.erase(taken_back_);
    taken_back_.clear();
    filters_.insert(event.filter.value_or(""));
  } else if (event.kind == BrokerEventKind::unsubscribed) {
    note_unsubscribed(event.filter.value_or(""));
  } else if ((event.kind == BrokerEventKind::delivered ||
              event.kind == BrokerEventKind::redelivered) &&
             event.message) {
    waiting_.erase(*event.message);
  }
}

void SessionLoss::note_unsubscribed(const std::string& filter) {
  if (filters_ == std::set<std::string>{filter}) {
    without_subscription_ = true;
    taken_back_ = filter;
  } else {
    filters_.erase(filter);
  }
}

void SessionLoss::end() {
  if (without_subscription_) {
    give_up_waiting();
  }
}

void SessionLoss::note_published(const BrokerEvent& event) {
  const bool wanted = event.topic && event.message && event.message_id &&
                      std::any_of(filters_.begin(), filters_.end(), [&](const std::string& filter) {
                        return topic_matches(filter, *event.topic);
                      });
  if (wanted) {
    waiting_.emplace(*event.message, *event.message_id);
  }
}

void SessionLoss::give_up_waiting() {
  if (!broker_forgot_) {
    for (auto& [number, id] : waiting_) {
      lost_.insert(std::move(id));
    }
  }
  waiting_.clear();
}

}  // namespace autotape
