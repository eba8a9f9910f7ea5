// Where a replayer's messages go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/message.hpp"

namespace autotape {

// What the publisher calls a message until it is acknowledged; never 0.
using Ticket = std::uint64_t;

struct PublishAcknowledged {
  Ticket ticket = 0;
  MonotonicTime at{};
};

// An MQTT 5 broker answered with an error. It does not have the message and will not get it.
struct PublishRefused {
  Ticket ticket = 0;
};

struct ConnectionLost {
  Error reason;
};

// The connection is there again, and what was not acknowledged was sent once more: the broker may
// have it twice.
struct ConnectionRestored {
  std::vector<Ticket> sent_again;
};

using PublisherEvent =
    std::variant<PublishAcknowledged, PublishRefused, ConnectionLost, ConnectionRestored>;

// Sends messages at QoS 1. Nothing that was handed over is given up while the publisher lives.
class Publisher {
 public:
  virtual ~Publisher() = default;

  // Connections, each of which keeps the order of its messages.
  virtual std::size_t lanes() const = 0;

  // May a message be handed over to this lane now? False while any connection is lost, and while
  // the lane has as many unacknowledged as its broker takes: what was handed over is sent at once.
  virtual bool ready(std::size_t lane) const = 0;

  // Queues a message; flush() sends it. An error without `where` is about the message.
  virtual Result<void> publish(Ticket ticket, const Message& message, std::size_t lane) = 0;
  virtual Result<void> flush() = 0;

  // Appends what happened to `events`. Comes back with the first of them, at `until`, or, once,
  // when the program was asked to stop. A lost connection is made again; an error is final.
  virtual Result<void> wait(MonotonicTime until, std::vector<PublisherEvent>& events) = 0;

  // Takes leave of the broker.
  virtual void disconnect() = 0;
};

}  // namespace autotape
