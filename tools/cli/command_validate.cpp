// autotape validate: holds each message of a tape against the rules.
#include <set>
#include <thread>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "cli/validation_coverage.hpp"
#include "cli/violation_output.hpp"
#include "core/ordered_pipeline.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "profile/stream_profile.hpp"
#include "schema/message_validator.hpp"
#include "schema/rules.hpp"
#include "tape/reader.hpp"

namespace autotape {
namespace {

struct ValidateOptions {
  std::string tape;
  std::string format = "text";
  std::string stream = "auto";
  std::string schema;
  std::vector<std::string> ignore;
  std::vector<std::string> deny;
  unsigned jobs = 0;  // 0: all cores
  bool strict = false;
  bool list_rules = false;
  bool coverage = false;
  bool no_stream_facts = false;
};

struct Tally {
  std::uint64_t messages = 0;
  std::uint64_t invalid_messages = 0;
  std::uint64_t errors = 0;
  std::uint64_t warnings = 0;
};

// How far a car's clock may be ahead of ours.
constexpr Duration clock_tolerance = std::chrono::minutes(5);

// Messages that one thread works on at a time, and what was found in them.
struct Batch {
  struct Found {
    std::size_t message;  // place in the batch
    Violation violation;
  };

  std::vector<RecordedMessage> messages;  // more than `size`: their memory is used again
  std::size_t size = 0;
  std::vector<Found> found;
};

constexpr std::size_t batch_messages = 256;

class Validation {
 public:
  Validation(const ValidateOptions& options, const MessageSchemas& schemas, TapeReader& tape)
      : options_(options),
        tape_(tape),
        threads_(options.jobs != 0 ? options.jobs
                                   : std::max(1U, std::thread::hardware_concurrency())),
        output_(make_violation_output(options.format, options.tape)),
        ignored_(options.ignore.begin(), options.ignore.end()) {
    std::optional<StreamVersion> stream;
    if (options.stream != "auto") {
      stream = options.stream == "v1" ? StreamVersion::v1 : StreamVersion::v2;
    }
    for (unsigned thread = 0; thread < threads_; ++thread) {
      validators_.emplace_back(schemas, stream);
    }
  }

  Result<void> run() {
    AUTOTAPE_TRY(output_->begin());
    PipelineSteps<Batch> steps;
    steps.read = [this](Batch& batch) { return read(batch); };
    steps.work = [this](unsigned thread, Batch& batch) { work(validators_[thread], batch); };
    steps.finish = [this](Batch& batch) { return finish(batch); };
    const auto done = run_pipeline(threads_, steps);
    AUTOTAPE_TRY(output_->end());
    if (done && options_.coverage) {
      AUTOTAPE_TRY(coverage_.print_all(profile_.counts(), options_.format == "ndjson"));
    }
    return done;
  }

  const Tally& tally() const { return tally_; }
  const StreamCounts& stream() const { return profile_.counts(); }

 private:
  Result<bool> read(Batch& batch) {
    batch.size = 0;
    batch.messages.resize(batch_messages);
    while (batch.size < batch_messages) {
      auto found = tape_.next_message(batch.messages[batch.size]);
      if (!found) {
        // What came before the fault is still judged; the fault comes again at the next read.
        if (batch.size > 0 && !failure_) {
          failure_ = found.error();
          return true;
        }
        return found.error();
      }
      if (!*found) {
        break;
      }
      ++batch.size;
    }
    if (batch.size == 0 && failure_) {
      return *failure_;
    }
    return batch.size > 0;
  }

  static void work(MessageValidator& validator, Batch& batch) {
    batch.found.clear();
    std::vector<Violation> violations;
    for (std::size_t i = 0; i < batch.size; ++i) {
      const auto& [received, message] = batch.messages[i];
      const DataTime latest{received.time_since_epoch() + clock_tolerance};
      validator.check(message.topic, message.payload, latest, violations);
      for (Violation& violation : violations) {
        batch.found.push_back({i, std::move(violation)});
      }
      violations.clear();
    }
  }

  Result<void> finish(Batch& batch) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < batch.size; ++i) {
      ++tally_.messages;
      if (wants_profile()) {
        profile_.add(batch.messages[i].message);
      }
      bool invalid = false;
      for (; next < batch.found.size() && batch.found[next].message == i; ++next) {
        AUTOTAPE_TRY(report(batch.messages[i].message, batch.found[next].violation, invalid));
      }
      tally_.invalid_messages += invalid ? 1 : 0;
    }
    return {};
  }

  Result<void> report(const Message& message, Violation& violation, bool& invalid) {
    if (ignored_.count(violation.rule) != 0) {
      return {};
    }
    if (options_.strict) {
      violation.severity = Severity::error;
    }
    const bool error = violation.severity == Severity::error;
    invalid = invalid || error;
    ++(error ? tally_.errors : tally_.warnings);
    if (options_.coverage) {
      coverage_.add(violation);
    }
    return output_->add({tally_.messages, message.topic, violation});
  }

  bool wants_profile() const { return !options_.no_stream_facts || options_.coverage; }

  const ValidateOptions& options_;
  TapeReader& tape_;
  unsigned threads_;
  std::unique_ptr<ViolationOutput> output_;
  std::set<std::string, std::less<>> ignored_;
  std::vector<MessageValidator> validators_;
  std::optional<Error> failure_;
  StreamProfile profile_;
  ValidationCoverage coverage_;
  Tally tally_;
};

// What is not right or wrong in a stream that delivers at least once, unless --deny says so.
ExitCode report_stream_facts(const ValidateOptions& options, const StreamCounts& counts) {
  const auto& [same_bytes, new_content, same_reading, redelivered] = counts.duplicates;
  say(fmt::format(
      "duplicates: {} with the same bytes, {} with other content, {} of a reading under "
      "another message_id, {} redelivered by a broker",
      describe_count(same_bytes), describe_count(new_content), describe_count(same_reading),
      describe_count(redelivered)));
  say(fmt::format("out of order: {} of {} readings", describe_count(counts.out_of_order),
                  describe_count(counts.readings)));
  const std::set<std::string> denied(options.deny.begin(), options.deny.end());
  const bool duplicates =
      denied.count("duplicates") != 0 && counts.duplicates.repeated_ids() + same_reading > 0;
  const bool disorder = denied.count("disorder") != 0 && counts.out_of_order > 0;
  return duplicates || disorder ? ExitCode::check_failed : ExitCode::passed;
}

Result<ExitCode> validate_tape(const ValidateOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const MessageSchemas schemas,
                      options.schema.empty() ? MessageSchemas::built_in()
                                             : MessageSchemas::from_folder(options.schema));
  AUTOTAPE_TRY_ASSIGN(auto tape, open_tape(options.tape));
  Validation validation(options, schemas, *tape);
  const auto done = validation.run();

  const Tally& tally = validation.tally();
  say(fmt::format("{} messages checked, {} invalid: {} errors, {} warnings",
                  describe_count(tally.messages), describe_count(tally.invalid_messages),
                  describe_count(tally.errors), describe_count(tally.warnings)));
  AUTOTAPE_TRY(done);
  ExitCode code = tally.errors > 0 ? ExitCode::check_failed : ExitCode::passed;
  if (!options.no_stream_facts) {
    code = graver(code, report_stream_facts(options, validation.stream()));
  }
  if (tape->damage().any()) {
    say(fmt::format("{}: the last record is torn: {} bytes were left out", options.tape,
                    tape->damage().torn_bytes));
    code = graver(code, ExitCode::loss);
  }
  if (tally.messages == 0) {
    say(fmt::format("{}: the tape is empty", options.tape));
    code = graver(code, ExitCode::loss);
  }
  return code;
}

Result<ExitCode> list_rules() {
  for (const Rule& rule : message_rules()) {
    AUTOTAPE_TRY(
        print(fmt::format("{:<22} {:<8} {}\n", rule.name, name_of(rule.severity), rule.meaning)));
  }
  return ExitCode::passed;
}

Result<void> refuse_unknown_rules(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const Rule& rule : message_rules()) {
    known.push_back(rule.name);
  }
  for (const std::string& name : names) {
    if (find_rule(name) == nullptr) {
      const auto nearest = nearest_name(name, known);
      return usage_error(
          fmt::format("--ignore: there is no rule {}", printable(name)),
          nearest ? fmt::format("did you mean {}?", *nearest) : "--rules lists them");
    }
  }
  return {};
}

Result<ExitCode> validate(const ValidateOptions& options) {
  if (options.list_rules) {
    return list_rules();
  }
  if (options.tape.empty()) {
    return usage_error("a tape is required", "see autotape validate --help");
  }
  AUTOTAPE_TRY(refuse_unknown_rules(options.ignore));
  return validate_tape(options);
}

}  // namespace

void add_validate_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App& command =
      add_command(program, "validate", "Hold each message of a tape against the rules",
                  "autotape validate --format ndjson commute.ndjson");
  command.add_option("tape", options->tape, "The tape; - for standard input")->type_name("TAPE");
  command
      .add_option("--format", options->format,
                  "text: a line for each violation; ndjson: an object for each; junit, sarif and "
                  "github: what continuous integration reads")
      ->check(CLI::IsMember(violation_formats()))
      ->capture_default_str();
  command.add_option("--stream", options->stream, "v1, v2, or auto: what each message looks like")
      ->check(CLI::IsMember({"auto", "v1", "v2"}))
      ->capture_default_str();
  command
      .add_option("--schema", options->schema,
                  "The provider's schema files, instead of the built-in catalogue")
      ->type_name("DIR");
  command.add_flag("--strict", options->strict, "Warnings count as errors");
  command.add_option("--ignore", options->ignore, "Leave out a rule; may be repeated")
      ->allow_extra_args(false)
      ->type_name("RULE");
  command.add_flag("--rules", options->list_rules, "List the rules, and do nothing else");
  command
      .add_option(
          "--deny", options->deny,
          "What an at-least-once stream may have, and this one must not: duplicates, disorder")
      ->check(CLI::IsMember({"duplicates", "disorder"}))
      ->allow_extra_args(false)
      ->type_name("FACT");
  command.add_flag("--coverage", options->coverage,
                   "List the properties that were seen, how often, with how many violations");
  command.add_flag("--no-stream-facts", options->no_stream_facts,
                   "Do not look for duplicates and disorder, which takes time and memory");
  command.add_option("--jobs", options->jobs, "Threads; 0 is one for each core")
      ->capture_default_str();
  run_when_chosen(command, chosen, [options] {
    const auto code = validate(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
