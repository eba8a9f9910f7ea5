// Is this message right? Millions of times a second.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "schema/fast_judge.hpp"
#include "schema/message_schemas.hpp"
#include "schema/violation.hpp"

namespace autotape {

// By the topic; of one that does not tell the payload's `version` decides, and V1 if that says
// nothing.
StreamVersion detect_stream(std::string_view topic, std::string_view payload);

struct MessageViolation {
  std::size_t message;  // place among those that were checked together
  Violation violation;
};

// Reuse one for many messages. Not thread-safe; each thread has its own, and they share the
// schemas.
class MessageValidator {
 public:
  // Messages are of `stream`, or of the one that each looks like. `schemas` must outlive the
  // validator.
  explicit MessageValidator(const MessageSchemas& schemas,
                            std::optional<StreamVersion> stream = std::nullopt);

  // Appends what is wrong with the messages, in their order (message_check.hpp); nothing, and
  // without allocation, for those that are right. Some hundred messages at once are faster than
  // each alone.
  void check(std::span<const MessageView> messages, std::vector<MessageViolation>& found);

  // The same of one message.
  void check(std::string_view topic, std::string_view payload, DataTime latest,
             std::vector<Violation>& violations);

  // The first look of check() alone, which is enough for most messages. Valid until the next call.
  std::span<const FastVerdict> judge(std::span<const MessageView> messages);

 private:
  void look_again(const MessageView& message, FastVerdict verdict,
                  std::vector<Violation>& violations) const;

  const MessageSchemas& schemas_;
  std::optional<StreamVersion> stream_;
  FastJudge judge_;
  std::vector<FastVerdict> verdicts_;
};

}  // namespace autotape
