#include "cli/validation.hpp"

#include "core/ordered_pipeline.hpp"

namespace autotape {
namespace {

// How far a car's clock may be ahead of ours.
constexpr Duration clock_tolerance = std::chrono::minutes(5);

}  // namespace

Validation::Validation(ValidationSettings settings, const MessageSchemas& schemas,
                       ViolationOutput* output)
    : settings_(std::move(settings)), output_(output), profile_(settings_.shortest_gap) {
  for (unsigned thread = 0; thread < settings_.threads; ++thread) {
    workers_.push_back({MessageValidator(schemas, settings_.stream), {}});
  }
}

Result<void> Validation::run(const Read& read, const std::function<Result<void>()>& reported) {
  PipelineSteps<ValidationBatch> steps;
  steps.read = [&](ValidationBatch& batch) {
    batch.clear();
    return read(batch);
  };
  steps.work = [&](unsigned thread, ValidationBatch& batch) { work(workers_[thread], batch); };
  steps.finish = [&](ValidationBatch& batch) -> Result<void> {
    AUTOTAPE_TRY(finish(batch));
    return reported();
  };
  return run_pipeline(settings_.threads, steps);
}

void Validation::work(Worker& worker, ValidationBatch& batch) const {
  batch.views_.clear();
  for (std::size_t i = 0; i < batch.size_; ++i) {
    const auto& [received, message] = batch.messages_[i];
    const DataTime latest{received.time_since_epoch() + clock_tolerance};
    batch.views_.push_back({message.topic, message.payload, latest});
  }
  batch.found_.clear();
  worker.validator.check(batch.views_, batch.found_);
  if (wants_profile()) {
    batch.facts_.resize(ValidationBatch::most_messages);
    for (std::size_t i = 0; i < batch.size_; ++i) {
      worker.observer.observe(batch.messages_[i].message, batch.facts_[i]);
    }
  }
}

Result<void> Validation::finish(ValidationBatch& batch) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < batch.size_; ++i) {
    ++tally_.messages;
    if (wants_profile()) {
      profile_.add(batch.facts_[i]);
    }
    bool invalid = false;
    for (; next < batch.found_.size() && batch.found_[next].message == i; ++next) {
      AUTOTAPE_TRY(report(batch.messages_[i].message, batch.found_[next].violation, invalid));
    }
    tally_.invalid_messages += invalid ? 1 : 0;
  }
  return {};
}

Result<void> Validation::report(const Message& message, Violation& violation, bool& invalid) {
  if (settings_.ignored_rules.count(violation.rule) != 0) {
    return {};
  }
  if (settings_.strict) {
    violation.severity = Severity::error;
  }
  const bool error = violation.severity == Severity::error;
  invalid = invalid || error;
  ++(error ? tally_.errors : tally_.warnings);
  if (settings_.coverage) {
    coverage_.add(violation);
  }
  return output_ != nullptr ? output_->add({tally_.messages, message.topic, violation})
                            : Result<void>();
}

}  // namespace autotape
