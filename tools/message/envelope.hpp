// The JSON of a V1 or V2 payload, and the readings in it.
//
// This reader takes what it understands and says what it does not: enough for counting, shaping and
// verifying. Whether a message is right in every member is the validator's question (schema/).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/topic.hpp"

namespace autotape {

// One value of one property of one car at one moment. Its key is (vin, capability, property, item).
struct Reading {
  std::string_view capability;
  std::string_view property;
  std::uint32_t item = 0;  // the place in a list property, 0 otherwise
  std::optional<DataTime> timestamp;
};

struct Envelope {
  StreamVersion version = StreamVersion::v1;
  std::string_view message_id;
  std::string_view vin;
  std::vector<Reading> readings;  // V1: of one property; V2: of many. In the order of the payload

  // When the newest reading of the message was made, where one says so.
  std::optional<DataTime> newest() const;
};

// Reuse one reader for many payloads. Not thread-safe.
class EnvelopeReader {
 public:
  EnvelopeReader();
  ~EnvelopeReader();
  EnvelopeReader(EnvelopeReader&&) noexcept;
  EnvelopeReader& operator=(EnvelopeReader&&) noexcept;

  // Valid until the next read(). Fails if the payload is not JSON, or has no `message_id`, no `vin`
  // or no `data` object; the error's `where` is a JSON pointer into the payload. A timestamp that
  // cannot be read is absent.
  Result<const Envelope*> read(std::string_view payload);

  // The JSON text of a reading of the last envelope: the property object, without white space,
  // members in their order. Made when asked for.
  std::string reading_text(std::size_t index) const;

  // A reading without timestamp that has one which is no RFC 3339 date-time, or whose property is
  // no object. Told when asked for.
  bool is_unreadable(std::size_t index) const;

  // Equal for readings whose texts are equal; made several times faster than the text.
  std::uint64_t reading_hash(std::size_t index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace autotape
