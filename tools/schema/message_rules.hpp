// The rules of a V1 message outside of `data`'s schema: the topic's grammar, the envelope, and that
// topic, envelope and data speak of the same car, capability and property. Source: the provider's
// page on MQTT V1, "Topic and message structure".
#pragma once

#include <string_view>
#include <vector>

#include "json/parser.hpp"
#include "message/message.hpp"
#include "schema/violation.hpp"

namespace autotape {

// Reuse one for many messages. Not thread-safe.
class MessageRules {
 public:
  // Appends what is wrong with `message`. A violation of rule "topic" has no instance location.
  void check(const Message& message, std::vector<Violation>& violations);

 private:
  JsonParser parser_;
};

}  // namespace autotape
