// Where a recorder's messages come from.
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/message.hpp"

namespace autotape {

// The broker took the connection.
struct Connected {
  bool session_present = false;  // it had kept the session of an earlier connection
};

// The broker granted the subscription: from now on nothing is missed.
struct Subscribed {};

// A connection was lost, or an attempt to make it again failed.
struct Disconnected {
  Error reason;
  Duration retry_in{0};
  bool was_connected = true;  // false: an attempt
};

using SourceEvent = std::variant<Message, Connected, Subscribed, Disconnected>;

class Source {
 public:
  virtual ~Source() = default;

  // Appends to `batch` what has arrived, in its order. Waits at most `timeout` for the first event;
  // comes back with none when that is over, or when the program was asked to stop. Gives at most
  // `most` messages. A connection that is lost is made again; an error is final.
  virtual Result<void> receive(std::vector<SourceEvent>& batch, std::size_t most,
                               Duration timeout) = 0;

  // Tells the broker that it may forget all messages that receive() gave. Until then none of them
  // is acknowledged, and the broker will deliver it again. Call before the next receive().
  virtual void acknowledge() = 0;

  // Takes leave of the broker, which keeps the session. Not to be called with messages that must
  // not be acknowledged: destroy the source instead.
  virtual void disconnect() = 0;
};

}  // namespace autotape
