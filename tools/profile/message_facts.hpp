// What a profile needs of a message, so that many threads can read messages for one profile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "message/envelope.hpp"
#include "message/message.hpp"

namespace autotape {

// Texts are hashes where it is enough to tell them apart.
struct ReadingFacts {
  std::uint64_t series = 0;   // (vin, capability, property, item)
  std::uint64_t content = 0;  // the series, and the property object
  std::uint64_t property = 0;
  std::optional<DataTime> timestamp;
  std::uint32_t name_end = 0;  // in MessageFacts::names
};

// Made again for message after message, it uses its memory again.
struct MessageFacts {
  std::size_t payload_size = 0;  // bytes
  bool readable = false;         // has an envelope; nothing below is set otherwise
  bool dup = false;
  std::uint64_t id = 0;
  std::uint64_t payload = 0;
  std::uint64_t car = 0;
  std::string car_name;  // VIN
  std::string names;     // "diagnostics.odometer" of each reading, one behind the other
  std::vector<ReadingFacts> readings;

  std::string_view name_of(std::size_t reading) const {
    const std::size_t begin = reading == 0 ? 0 : readings[reading - 1].name_end;
    return std::string_view(names).substr(begin, readings[reading].name_end - begin);
  }
};

// Not thread-safe: each thread has its own.
class MessageObserver {
 public:
  void observe(const Message& message, MessageFacts& facts);

 private:
  EnvelopeReader reader_;
};

}  // namespace autotape
