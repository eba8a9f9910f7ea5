// What is on a tape, whatever its format.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "message/message.hpp"

namespace autotape {

// Names the stream. Holds no secret.
struct TapeHeader {
  std::string environment;  // "live", "sandbox"; empty where unknown, as all others
  std::string level;        // "level13"
  std::string app_id;
  std::string broker;        // host:port
  std::string topic_filter;  // what was subscribed to
  std::string client_id;
  std::string tool;  // program and version that wrote the tape
  std::optional<ReceivedTime> started;
  std::string description;  // what a person wants to say of it

  // "raw": holds personal data as it was received; "anonymized": under the pseudonyms of `key_id`.
  std::string privacy;
  std::string key_id;

  // What another version of this program wrote: kept, so that nothing is lost when a tape is
  // copied.
  std::vector<std::pair<std::string, std::string>> other;

  bool operator==(const TapeHeader&) const = default;
};

// Something other than a message that happened while recording, in its place among the messages:
// the tape does not lie about what it may miss.
enum class MarkerKind {
  recording_started,
  recording_resumed,  // `record` to an existing tape
  connected,          // detail: whether the broker had kept the session
  disconnected,
  session_lost,  // the broker had no session although there was one: messages may be missing
  clock_jumped,  // the wall clock was set; detail: by how much
  torn_tail_repaired,
  recording_stopped,
};

std::string_view name_of(MarkerKind kind);
std::optional<MarkerKind> marker_kind_of(std::string_view name);

struct Marker {
  MarkerKind kind = MarkerKind::recording_started;
  ReceivedTime at;
  std::string detail;

  bool operator==(const Marker&) const = default;
};

}  // namespace autotape
