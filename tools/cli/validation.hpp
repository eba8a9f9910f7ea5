// Messages, held against the rules by several threads and reported in their order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/validation_coverage.hpp"
#include "cli/violation_output.hpp"
#include "core/result.hpp"
#include "message/message.hpp"
#include "profile/stream_profile.hpp"
#include "schema/message_validator.hpp"

namespace autotape {

struct ValidationSettings {
  std::optional<StreamVersion> stream;  // absent: what each message looks like
  std::set<std::string, std::less<>> ignored_rules;
  bool strict = false;  // warnings are errors
  bool coverage = false;
  bool stream_facts = true;  // duplicates, disorder, gaps
  Duration shortest_gap = StreamProfile::usual_gap;
  unsigned threads = 1;
};

struct ValidationTally {
  std::uint64_t messages = 0;
  std::uint64_t invalid_messages = 0;
  std::uint64_t errors = 0;
  std::uint64_t warnings = 0;
};

// Messages that one thread works on at a time, and what was found in them.
class ValidationBatch {
 public:
  static constexpr std::size_t most_messages = 256;

  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == most_messages; }

  // Memory for one more, which keep() makes part of the batch.
  RecordedMessage& next() { return messages_[size_]; }
  void keep() { ++size_; }

 private:
  friend class Validation;

  std::vector<RecordedMessage> messages_ = std::vector<RecordedMessage>(most_messages);
  std::size_t size_ = 0;
  std::vector<MessageView> views_;
  std::vector<MessageViolation> found_;
  std::vector<MessageFacts> facts_;  // if the profile is wanted
};

class Validation {
 public:
  // `schemas` and `output` must outlive it; null for no output.
  Validation(ValidationSettings settings, const MessageSchemas& schemas, ViolationOutput* output);

  // Reads some messages into the empty batch; false at the end.
  using Read = std::function<Result<bool>(ValidationBatch&)>;

  // Until `read` has no more. `reported` is called when the violations of a batch were put out.
  Result<void> run(const Read& read, const std::function<Result<void>()>& reported);

  const ValidationTally& tally() const { return tally_; }
  const StreamProfile& profile() const { return profile_; }
  const ValidationCoverage& coverage() const { return coverage_; }

 private:
  // What each thread has of its own.
  struct Worker {
    MessageValidator validator;
    MessageObserver observer;
  };

  bool wants_profile() const { return settings_.stream_facts || settings_.coverage; }
  void work(Worker& worker, ValidationBatch& batch) const;
  Result<void> finish(ValidationBatch& batch);
  Result<void> report(const Message& message, Violation& violation, bool& invalid);

  ValidationSettings settings_;
  ViolationOutput* output_;
  std::vector<Worker> workers_;
  StreamProfile profile_;
  ValidationCoverage coverage_;
  ValidationTally tally_;
};

}  // namespace autotape
