// Tells a message that is handled again from one whose handling is told in several lines.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "journal/observation.hpp"
#include "verify/fingerprint.hpp"

namespace autotape {

// Several lines for one message with different readings are one handling; a reading that was named
// before begins another. A line without readings is a handling of its own, also with an empty list:
// a consumer that names what it applied says so of a duplicate that it handled again. Remembers the
// last 4,096 messages that were handled with readings.
class Handlings {
 public:
  // Does this observation begin a handling of its message?
  bool begins(const Fingerprint& message, const Observation& observation);

 private:
  static constexpr std::size_t most_open = 4096;

  std::unordered_map<Fingerprint, std::vector<Fingerprint>, FingerprintHash> open_;
  std::deque<Fingerprint> oldest_;
};

}  // namespace autotape
