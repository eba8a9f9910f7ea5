// Which messages a consumer never got because it threw its session or its subscription away.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "journal/broker_event.hpp"

namespace autotape {

// A session that is kept brings a consumer what was published while it was away (QoS 1). With Clean
// Session, or in MQTT 5 with a Session Expiry Interval of 0, the broker forgets it: what a consumer
// had subscribed to and was published since is gone. So is what is published between its last
// UNSUBSCRIBE and a new SUBSCRIBE. A session that the broker lost or was told to forget
// (`possible_loss`) is not the consumer's fault. Give it all events of a log in order.
class SessionLoss {
 public:
  explicit SessionLoss(std::string client) : client_(std::move(client)) {}

  void note(const BrokerEvent& event);

  // The log has ended, and with it the consumer's time to subscribe again. Not of a run that was
  // cut short.
  void end();

  // Ids of messages that it never got in that session; another delivery may have brought them.
  const std::unordered_set<std::string>& message_ids() const { return lost_; }

 private:
  void note_unsubscribed(const std::string& filter);
  void note_published(const BrokerEvent& event);
  void give_up_waiting();

  std::string client_;
  std::set<std::string> filters_;  // that it asked for, in whatever session
  std::string taken_back_;         // the last of them, until it asks for another
  std::unordered_map<std::uint64_t, std::string>
      waiting_;                        // id by number: published, not delivered
  bool without_subscription_ = false;  // until it subscribes: its session is new, or has none left
  bool broker_forgot_ = false;
  std::unordered_set<std::string> lost_;
};

}  // namespace autotape
