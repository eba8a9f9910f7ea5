// When autotape itself kept bytes from a consumer.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "journal/broker_event.hpp"

namespace autotape {

// From a fault `pause`, `latency` or `bandwidth` of the client, or of all, until `resume`. Give it
// all events of a log in order.
class HeldUpLink {
 public:
  using Span = std::pair<ReceivedTime, ReceivedTime>;

  explicit HeldUpLink(std::string client) : client_(std::move(client)) {}

  void note(const BrokerEvent& event);

  // One that was not taken back lasts for ever.
  std::vector<Span> spans() const;

 private:
  std::string client_;
  std::vector<Span> spans_;
  std::optional<ReceivedTime> since_;
};

}  // namespace autotape
