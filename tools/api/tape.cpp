#include "autotape/tape.hpp"

#include <fmt/format.h>

#include "api/or_throw.hpp"
#include "tape/reader.hpp"
#include "tape/writer.hpp"

namespace autotape::api {

Tape Tape::open(const std::string& path) {
  const auto reader = or_throw(open_tape(path));
  Tape tape;
  RecordedMessage recorded;
  std::optional<ReceivedTime> first;
  while (or_throw(reader->next_message(recorded))) {
    first = first.value_or(recorded.received);
    tape.add({recorded.message.topic, recorded.message.payload, recorded.received - *first});
  }
  return tape;
}

Tape& Tape::add_reading(const std::string& message_id, const std::string& vin,
                        const std::string& capability, const std::string& property,
                        const std::string& timestamp, double value) {
  Message message;
  message.topic = fmt::format("sandbox/level13/5A0C0FFEE0DDBA11C0DEFEED/{}/{}/get/{}", vin,
                              capability, property);
  message.payload =
      fmt::format(R"({{"message_id":"{}","version":1,"vin":"{}","capability":"{}","property":"{}",)"
                  R"("data":{{"{}":{{"{}":{{"data":{{"value":{}}},"timestamp":"{}"}}}}}}}})",
                  message_id, vin, capability, property, capability, property, value, timestamp);
  message.at = messages_.empty() ? std::chrono::nanoseconds(0)
                                 : messages_.back().at + std::chrono::seconds(1);
  return add(std::move(message));
}

void Tape::save(const std::string& path) const {
  const auto writer = or_throw(create_tape(path, TapeHeader{}));
  for (const Message& message : messages_) {
    RecordedMessage recorded;
    recorded.received = ReceivedTime(message.at);
    recorded.message.topic = message.topic;
    recorded.message.payload = message.payload;
    or_throw(writer->append(recorded));
  }
  or_throw(writer->close());
}

}  // namespace autotape::api
