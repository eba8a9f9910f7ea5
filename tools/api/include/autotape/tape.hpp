// A recorded stream, from a file or made in a test.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace autotape::api {

struct Message {
  std::string topic;    // {environment}/level13/{app id}/{vin}/{capability}/{get|set}/{property}
  std::string payload;  // any bytes
  std::chrono::nanoseconds at{0};  // since the first message
};

// Values: copies are independent. Throws Error where a file cannot be read or written.
class Tape {
 public:
  Tape() = default;

  // Reads all of a tape's messages.
  static Tape open(const std::string& path);

  Tape& add(Message message) {
    messages_.push_back(std::move(message));
    return *this;
  }

  // A message of the V1 stream with one reading: {"value":…} of `capability`.`property`, made at
  // `timestamp` (RFC 3339).
  Tape& add_reading(const std::string& message_id, const std::string& vin,
                    const std::string& capability, const std::string& property,
                    const std::string& timestamp, double value);

  const std::vector<Message>& messages() const { return messages_; }

  // The format is that of the name's ending (.ndjson). An existing file is an error.
  void save(const std::string& path) const;

 private:
  std::vector<Message> messages_;
};

}  // namespace autotape::api
