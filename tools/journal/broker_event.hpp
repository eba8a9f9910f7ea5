// What happened at the mock broker, one line each (events.ndjson):
// {"time":"2026-01-02T03:04:05.678901234Z","event":"connected","client":"…", …}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace autotape {

enum class BrokerEventKind {
  started,        // Mosquitto accepts connections (again)
  stopped,        // it ended because it was told to
  died,           // it ended on its own
  possible_loss,  // `detail` says why acknowledged messages may be gone
  connected,      // CONNACK was sent
  refused,        // CONNECT or the TLS handshake was refused; `rule` says why
  disconnected,   // `detail` says how
  subscribed,     // `filter` was granted
  subscribe_refused,
  unsubscribed,
  published,  // accepted from a publisher
  publish_refused,
  delivered,     // sent to a subscriber for the first time
  redelivered,   // sent again, with DUP
  acknowledged,  // the subscriber's PUBACK arrived
  fault,         // `detail` is the fault as JSON
};

std::string_view name_of(BrokerEventKind kind);
std::optional<BrokerEventKind> broker_event_kind(std::string_view name);

// Absent where an event has no such thing. `time` is when the supervisor read it, on the machine's
// wall clock; the order of the lines is the order in which Mosquitto did them.
struct BrokerEvent {
  ReceivedTime time{};
  BrokerEventKind kind = BrokerEventKind::started;
  std::optional<std::string> client;   // MQTT client id
  std::optional<std::string> app_id;   // CN of its certificate
  std::optional<std::string> role;     // "consumer", "recorder", "publisher"
  std::optional<std::string> address;  // the client's, host:port
  std::optional<std::string> rule;     // of a refusal, as mockbroker/README.md names it
  std::optional<std::string> filter;
  std::optional<std::string> topic;
  std::optional<std::uint64_t>
      message;  // the broker's running number of an accepted publish, from 1; ties
                // published, delivered, redelivered and acknowledged together
  std::optional<std::string> message_id;  // of the payload, where it has one
  std::optional<std::uint16_t> mid;       // MQTT packet identifier, of this connection
  std::optional<bool> session_present;
  std::optional<bool> clean_session;
  std::optional<int> protocol;        // 3 (3.1), 4 (3.1.1), 5
  std::optional<std::string> detail;  // for people
};

// One line without its end.
std::string write_broker_event(const BrokerEvent& event);

// `where` names the line in errors. Unknown members are skipped.
Result<BrokerEvent> read_broker_event(std::string_view line, const std::string& where);

enum class EventStart { beginning, now };

// Reads events.ndjson while it grows. Not thread-safe.
class BrokerEventFollower {
 public:
  static Result<BrokerEventFollower> open(const std::string& path, EventStart start);
  ~BrokerEventFollower();
  BrokerEventFollower(BrokerEventFollower&& other) noexcept;
  BrokerEventFollower& operator=(BrokerEventFollower&& other) noexcept;

  // The next event; nothing if none comes within `timeout`.
  Result<std::optional<BrokerEvent>> next(Duration timeout);

  // Bytes of the file that next() has consumed: where a later reader may go on.
  std::uint64_t position() const { return position_; }

 private:
  BrokerEventFollower() = default;

  std::string path_;
  int file_ = -1;
  int watch_ = -1;  // inotify
  std::string pending_;
  std::size_t line_start_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t line_number_ = 0;
};

}  // namespace autotape
