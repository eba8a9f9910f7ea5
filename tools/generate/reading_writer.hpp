// The messages of a car's readings, as JSON of the stream.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "generate/reading_schedule.hpp"
#include "message/message.hpp"
#include "message/topic.hpp"

namespace autotape {

// What is the same in all messages of a fleet.
struct StreamNames {
  StreamVersion version = StreamVersion::v1;
  std::string environment;
  std::string app_id;
};

// Not thread-safe.
class ReadingWriter {
 public:
  ReadingWriter(const std::vector<Reported>& reported, const StreamNames& names);

  // A V1 message of one reading. All luck is taken from `random`.
  void write_v1(const CarState& car, std::string_view vin, std::uint16_t index, Random& random,
                Message& message);

  // A V2 message of several. `indices` is sorted.
  void write_v2(const CarState& car, std::string_view vin,
                const std::vector<std::uint16_t>& indices, Random& random, Message& message);

 private:
  // What does not change between two messages of one property.
  struct Frame {
    std::string topic_end;     // /diagnostics/get/odometer
    std::string payload_head;  // ","capability":…,"data":{"diagnostics":{"odometer":
    unsigned interval = 60;    // seconds between two readings while the car drives
  };

  void append_property(const CarState& car, std::uint16_t index, Random& random, std::string& out);
  void append_property_object(const CarState& car, std::uint16_t index, unsigned item,
                              Random& random, std::string& out);
  void append_availability(std::uint16_t index, std::string& out) const;
  void append_timestamp(const CarState& car, std::uint16_t index, std::string& out);

  const std::vector<Reported>& reported_;
  StreamNames names_;
  std::string topic_begin_;  // sandbox/level13/5A0C…/
  std::string v2_head_;      // {"version":2,"application_id":"…","message_id":"
  std::vector<Frame> frames_;
  std::int64_t written_second_ = -1;
  std::string second_text_;  // "2026-03-02T06:45:10
};

}  // namespace autotape
