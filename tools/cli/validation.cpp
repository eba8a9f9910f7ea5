#include "cli/validation.hpp"

#include <algorithm>

namespace autotape {
namespace {

// How far a car's clock may be ahead of ours.
constexpr Duration clock_tolerance = std::chrono::minutes(5);

}  // namespace

Validation::Validation(ValidationSettings settings, const MessageSchemas& schemas,
                       ViolationOutput* output)
    : settings_(std::move(settings)),
      schemas_(schemas),
      output_(output),
      profile_(settings_.shortest_gap) {}

Result<void> Validation::run(ValidationSource& source,
                             const std::function<Result<void>()>& reported) {
  std::vector<Worker> workers;
  for (unsigned thread = 0; thread < settings_.threads; ++thread) {
    workers.push_back({source.make_decoder(), MessageValidator(schemas_, settings_.stream), {}});
  }
  PipelineSteps<Batch> steps;
  steps.read = [&](Batch& batch) { return source.read(batch.block); };
  steps.work = [&](unsigned thread, Batch& batch) { work(workers[thread], batch); };
  steps.finish = [&](Batch& batch) -> Result<void> {
    AUTOTAPE_TRY(report(batch));
    AUTOTAPE_TRY(reported());
    return source.finish(batch.block);
  };
  return run_pipeline(settings_.threads, steps);
}

void Validation::work(Worker& worker, Batch& batch) const {
  worker.decoder->decode(batch.block);
  const auto messages = batch.block.batch.messages();
  batch.views.clear();
  for (const auto& [received, message] : messages) {
    const DataTime latest{received.time_since_epoch() + clock_tolerance};
    batch.views.push_back({message.topic, message.payload, latest});
  }
  batch.found.clear();
  worker.validator.check(batch.views, batch.found);
  if (wants_profile()) {
    batch.facts.resize(std::max(batch.facts.size(), messages.size()));
    for (std::size_t i = 0; i < messages.size(); ++i) {
      worker.observer.observe(messages[i].message, batch.facts[i]);
    }
  }
}

Result<void> Validation::report(Batch& batch) {
  const auto messages = batch.block.batch.messages();
  if (wants_profile()) {
    profile_.add(std::span(batch.facts).first(messages.size()));
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ++tally_.messages;
    bool invalid = false;
    for (; next < batch.found.size() && batch.found[next].message == i; ++next) {
      AUTOTAPE_TRY(report(messages[i].message, batch.found[next].violation, invalid));
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
  (error ? tally_.errors : tally_.warnings) += violation.count();
  if (settings_.coverage) {
    coverage_.add(violation);
  }
  return output_ != nullptr ? output_->add({tally_.messages, message.topic, violation})
                            : Result<void>();
}

}  // namespace autotape
