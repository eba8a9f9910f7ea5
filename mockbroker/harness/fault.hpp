// What the mock broker can do to its clients on demand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.hpp"
#include "core/time.hpp"
#include "json/document.hpp"

namespace autotape {

// Which connections: of one client, or of all.
using ClientChoice = std::optional<std::string>;

// Which way the bytes go.
enum class Direction { to_client, to_broker, both };

// Closes the connection. With `before_puback`: acknowledgements are held back, and the connection
// is cut when the client has been sent a message, so that the broker delivers it again with DUP
// = 1.
struct Disconnect {
  ClientChoice client;
  bool before_puback = false;
};

// CONNECT is answered with "not authorized" until the time is over.
struct Refuse {
  std::string client;
  Duration duration{};
};

// Mosquitto ends and comes back. `kill`: with SIGKILL, after everything acknowledged was saved.
struct Restart {
  bool kill = false;
  bool forget_sessions = false;
};

// By the proxy, on bytes. They hold for connections that come later too, until they are taken back.
struct Pause {  // nothing passes, nothing is closed: half-open
  ClientChoice client;
  Direction direction = Direction::both;
};
struct Resume {  // ends pause, latency, bandwidth and a cut that waits
  ClientChoice client;
};
struct Latency {
  ClientChoice client;
  Direction direction = Direction::both;
  Duration latency{};
  Duration jitter{};  // uniform, 0 to this much more; bytes stay in order
};
struct Bandwidth {
  ClientChoice client;
  Direction direction = Direction::both;
  std::uint64_t bytes_per_second = 0;
};
struct Cut {  // once, for each connection: after so many more bytes in that direction
  ClientChoice client;
  Direction direction = Direction::to_client;
  std::uint64_t after_bytes = 0;
};

struct Expire {  // the client's certificate counts as expired from now on
  std::string client;
};
struct RotateServerCertificate {};

std::string_view name_of(Direction direction);  // "to-client", "to-broker", "both"
std::optional<Direction> direction_by_name(std::string_view name);

using Fault = std::variant<Disconnect, Refuse, Restart, Pause, Resume, Latency, Bandwidth, Cut,
                           Expire, RotateServerCertificate>;

// The form in which a fault travels to the supervisor and stands in the event log:
// {"fault": "latency", "client": "…", "latency": "200ms", …}.
Json fault_to_json(const Fault& fault);
Result<Fault> fault_from_json(const Json& json, const std::string& where);

}  // namespace autotape
