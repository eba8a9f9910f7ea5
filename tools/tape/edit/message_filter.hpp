// Which messages of a tape are wanted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "message/envelope.hpp"
#include "message/message.hpp"

namespace autotape {

// A message is wanted if every condition that is given holds. A V2 message carries many readings:
// it is wanted, whole, if one of them fits all of car, capability and property.
struct MessageConditions {
  std::optional<ReceivedTime> from{};   // not earlier
  std::optional<ReceivedTime> until{};  // earlier
  std::vector<std::string> cars{};      // VINs; one of them
  std::vector<std::string> capabilities{};
  std::vector<std::string> properties{};  // "odometer", or "diagnostics.odometer"
  std::vector<std::string> include{};     // topic filters; one of them matches
  std::vector<std::string> exclude{};     // none of them matches
};

class MessageFilter {
 public:
  explicit MessageFilter(MessageConditions conditions) : conditions_(std::move(conditions)) {}

  bool wants(const RecordedMessage& message);
  bool in_time(ReceivedTime time) const;

 private:
  bool wants_topic(std::string_view topic) const;
  bool asks_for_readings() const;
  bool wants_reading(std::string_view capability, std::string_view property) const;
  bool wants_readings_of(const Message& message);

  MessageConditions conditions_;
  EnvelopeReader reader_;
};

}  // namespace autotape
