// Is this message right? Millions of times a second.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "schema/fast_judge.hpp"
#include "schema/message_schemas.hpp"
#include "schema/violation.hpp"

namespace autotape {

// V2's topic has three levels, V1's seven; of another topic the payload's `version` decides, and V1
// if that says nothing.
StreamVersion detect_stream(std::string_view topic, std::string_view payload);

// Reuse one for many messages. Not thread-safe; each thread has its own, and they share the
// schemas.
class MessageValidator {
 public:
  // Messages are of `stream`, or of the one that each looks like. `schemas` must outlive the
  // validator.
  explicit MessageValidator(const MessageSchemas& schemas,
                            std::optional<StreamVersion> stream = std::nullopt);

  // Appends what is wrong with the message (message_check.hpp); nothing, and without allocation, if
  // it is right. `latest` is the newest timestamp that is plausible.
  void check(std::string_view topic, std::string_view payload, DataTime latest,
             std::vector<Violation>& violations);

  // The first look of check() alone, which is enough for most messages.
  FastVerdict judge(std::string_view topic, std::string_view payload, DataTime latest);

 private:
  FastJudge* judge_of(StreamVersion version);

  const MessageSchemas& schemas_;
  std::optional<StreamVersion> stream_;
  std::optional<FastJudge> v1_;
  std::optional<FastJudge> v2_;
};

}  // namespace autotape
