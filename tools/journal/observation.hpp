// What the consumer under test says that it did: one JSON object a line, to the file or pipe that
// AUTOTAPE_OBSERVATIONS names.
//
//   {"message_id":"A1"}                                      this message was handled
//   {"message_id":"A1","readings":[{"vin":"…","capability":"diagnostics","property":"odometer",
//      "item":0,"timestamp":"…","value":…,"applied":true}]}  and this of it was applied
//   {"rejected":{"message_id":"A1","reason":"…"}}            it was refused on purpose
//   {"state":{"vin":"…","capability":"…","property":"…",…}}  the current value of a key
//
// Other members are skipped; any other line is unreadable, and whoever reads counts it. So is a
// timestamp that is none, but its line is taken: it is what the consumer did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "json/parser.hpp"

namespace autotape {

struct ObservedReading {
  std::string_view vin;
  std::string_view capability;
  std::string_view property;
  std::uint32_t item = 0;
  std::optional<DataTime> timestamp;
  std::optional<std::string_view> value;  // canonical JSON (json/canonical.hpp)
  bool applied = true;                    // always true in a `state` line
};

enum class ObservationKind { handled, rejected, state };

struct Observation {
  ObservationKind kind = ObservationKind::handled;
  std::string_view message_id;            // empty in a `state` line
  std::string_view reason;                // of a rejection; may be empty
  std::vector<ObservedReading> readings;  // one in a `state` line
  std::string fault;                      // the first thing in it that could not be read, or empty
};

// Reuse one reader for many lines. Not thread-safe.
class ObservationReader {
 public:
  // `line` without its end. The observation is valid until the next read(), and refers to `line`
  // too. The error says in a few words what is wrong with the line; its `where` is empty or a JSON
  // pointer.
  Result<const Observation*> read(std::string_view line);

 private:
  Result<void> read_members(JsonObject members);
  Result<void> read_readings(JsonElement list);
  Result<void> read_reading(JsonElement element, const std::string& where);

  JsonParser parser_;
  Observation observation_;
  std::string values_;  // the canonical texts, one after the other
};

}  // namespace autotape
