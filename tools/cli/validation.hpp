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
#include "cli/validation_source.hpp"
#include "cli/violation_output.hpp"
#include "core/ordered_pipeline.hpp"
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

class Validation {
 public:
  // `schemas` and `output` must outlive it; null for no output.
  Validation(ValidationSettings settings, const MessageSchemas& schemas, ViolationOutput* output);

  // All of `source`. `reported` is called whenever the violations of some messages were put out.
  Result<void> run(ValidationSource& source, const std::function<Result<void>()>& reported);

  const ValidationTally& tally() const { return tally_; }
  const StreamProfile& profile() const { return profile_; }
  const ValidationCoverage& coverage() const { return coverage_; }

 private:
  // What each thread has of its own.
  struct alignas(two_cache_lines) Worker {
    std::unique_ptr<TapeBlockDecoder> decoder;
    MessageValidator validator;
    MessageObserver observer;
  };

  // Messages that one thread works on at a time, and what was found in them.
  struct Batch {
    TapeBlock block;
    std::vector<MessageView> views;
    std::vector<MessageViolation> found;
    std::vector<MessageFacts> facts;  // of each message, if the profile is wanted
  };

  bool wants_profile() const { return settings_.stream_facts || settings_.coverage; }
  void work(Worker& worker, Batch& batch) const;
  Result<void> report(Batch& batch);
  Result<void> report(const Message& message, Violation& violation, bool& invalid);

  ValidationSettings settings_;
  const MessageSchemas& schemas_;
  ViolationOutput* output_;
  StreamProfile profile_;
  ValidationCoverage coverage_;
  ValidationTally tally_;
};

}  // namespace autotape
