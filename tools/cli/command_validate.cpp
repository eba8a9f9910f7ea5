// autotape validate: holds each message of a tape, or of a broker, against the rules.
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/connection_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/stream_facts.hpp"
#include "cli/terminal.hpp"
#include "cli/validation.hpp"
#include "cli/validation_source.hpp"
#include "cli/violation_output.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "mqtt/session.hpp"
#include "schema/rules.hpp"
#include "tape/tape_blocks.hpp"

namespace autotape {
namespace {

struct ValidateOptions {
  std::string tape;
  ConnectionOptions connection;
  bool take_over = false;
  std::uint64_t count = 0;
  Duration duration{0};
  std::string format = "text";
  bool json = false;
  std::string stream = "auto";
  std::string schema;
  std::vector<std::string> ignore;
  std::vector<std::string> deny;
  Duration shortest_gap = StreamProfile::usual_gap;
  unsigned jobs = 0;  // 0: all cores
  bool strict = false;
  bool list_rules = false;
  bool coverage = false;
  bool no_stream_facts = false;
};

Result<ExitCode> list_rules() {
  for (const MessageRule& rule : message_rules()) {
    AUTOTAPE_TRY(
        print(fmt::format("{:<22} {:<8} {}\n", rule.name, name_of(rule.severity), rule.meaning)));
  }
  return ExitCode::passed;
}

Result<void> refuse_unknown_rules(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const MessageRule& rule : message_rules()) {
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

bool names_broker(const ConnectionOptions& options) {
  return !options.directory.empty() || !options.bundle.empty() || !options.host.empty();
}

ValidationSettings settings_of(const ValidateOptions& options) {
  ValidationSettings settings;
  if (options.stream != "auto") {
    settings.stream = options.stream == "v1" ? StreamVersion::v1 : StreamVersion::v2;
  }
  settings.ignored_rules.insert(options.ignore.begin(), options.ignore.end());
  settings.strict = options.strict;
  settings.coverage = options.coverage;
  settings.stream_facts = !options.no_stream_facts;
  settings.shortest_gap = options.shortest_gap;
  // Live messages are reported as they come, not when a batch of them is full.
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  settings.threads = options.tape.empty() ? 1 : options.jobs != 0 ? options.jobs : cores;
  return settings;
}

Result<std::unique_ptr<ValidationSource>> connect(const ValidateOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const ChosenConnection connection,
                      choose_connection(options.connection, ConnectionRole::subscriber));
  for (const std::string& warning : connection.warnings) {
    say("warning: " + warning);
  }
  if (!options.take_over) {
    AUTOTAPE_TRY_ASSIGN(const bool kept, keeps_session(connection.client));
    if (kept) {
      return connection_error(
          connection.client.address(),
          fmt::format("the broker keeps a session for client id \"{}\", and messages for it: a "
                      "clean session would throw them away",
                      printable(connection.client.client_id, 100)),
          "use a certificate of your own, or --take-over to end that session");
    }
  }
  MqttSourceSettings settings;
  settings.client = connection.client;
  settings.client.clean_session = true;
  settings.topic_filter = connection.topic_filter;
  settings.qos = static_cast<std::uint8_t>(options.connection.qos);
  BrokerSourceLimits limits;
  if (options.count > 0) {
    limits.count = options.count;
  }
  if (options.duration > Duration(0)) {
    limits.duration = options.duration;
  }
  return std::unique_ptr<ValidationSource>(
      std::make_unique<BrokerSource>(std::move(settings), limits, connection.unpacked));
}

Result<std::unique_ptr<ValidationSource>> open_source(const ValidateOptions& options) {
  if (options.tape.empty()) {
    return connect(options);
  }
  AUTOTAPE_TRY_ASSIGN(auto tape, open_tape_blocks(options.tape, interrupt_descriptor()));
  return std::unique_ptr<ValidationSource>(std::make_unique<TapeSource>(
      options.tape == "-" ? "standard input" : options.tape, std::move(tape)));
}

std::string describe_tally(const ValidationTally& tally) {
  return fmt::format("{} messages checked, {} invalid: {} errors, {} warnings",
                     describe_count(tally.messages), describe_count(tally.invalid_messages),
                     describe_count(tally.errors), describe_count(tally.warnings));
}

// Beside a report that is one document there is no room on standard output.
Result<void> print_coverage(const ValidateOptions& options, const Validation& validation) {
  const StreamCounts& counts = validation.profile().counts();
  for (const auto& [property, readings, violations] : validation.coverage().rows(counts)) {
    const std::string line =
        fmt::format("{:<60} {:>12} readings {:>9} violations", printable(property, 60),
                    describe_count(readings), describe_count(violations));
    if (options.format == "ndjson") {
      const Json row{{"property", property}, {"readings", readings}, {"violations", violations}};
      AUTOTAPE_TRY(print(write_document(row) + "\n"));
    } else if (options.format == "text") {
      AUTOTAPE_TRY(print(line + "\n"));
    } else {
      say(line);
    }
  }
  say(describe_coverage(counts));
  return {};
}

Json coverage_json(const Validation& validation) {
  Json rows = Json::array();
  for (const auto& [property, readings, violations] :
       validation.coverage().rows(validation.profile().counts())) {
    rows.push_back({{"property", property}, {"readings", readings}, {"violations", violations}});
  }
  return rows;
}

Result<void> print_summary(const ValidateOptions& options, const Validation& validation,
                           const std::vector<DeniedFact>& denied) {
  const ValidationTally& tally = validation.tally();
  if (options.json) {
    Json summary;
    summary["messages"] = tally.messages;
    summary["invalid_messages"] = tally.invalid_messages;
    summary["errors"] = tally.errors;
    summary["warnings"] = tally.warnings;
    if (!options.no_stream_facts) {
      summary["stream"] = stream_facts_json(validation.profile());
    }
    for (const DeniedFact& fact : denied) {
      summary["denied"][std::string(fact.name)] = fact.count;
    }
    if (options.coverage) {
      summary["coverage"] = coverage_json(validation);
    }
    return print(write_document(summary) + "\n");
  }
  say(describe_tally(tally));
  if (!options.no_stream_facts) {
    for (const std::string& line :
         describe_stream_facts(validation.profile(), options.shortest_gap)) {
      say(line);
    }
  }
  return {};
}

// In the order of stream_facts(), each once.
std::vector<DeniedFact> denied_facts(const ValidateOptions& options, const Validation& validation) {
  std::vector<DeniedFact> denied;
  for (const auto& [name, meaning] : stream_facts()) {
    if (std::find(options.deny.begin(), options.deny.end(), name) != options.deny.end()) {
      denied.push_back({name, meaning, count_stream_fact(validation.profile(), name)});
    }
  }
  return denied;
}

ExitCode verdict_of(const ValidationTally& tally, const std::vector<DeniedFact>& denied) {
  const bool found = std::any_of(denied.begin(), denied.end(),
                                 [](const DeniedFact& fact) { return fact.count > 0; });
  return tally.errors > 0 || found ? ExitCode::check_failed : ExitCode::passed;
}

Result<ExitCode> validate_source(const ValidateOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const MessageSchemas schemas,
                      options.schema.empty() ? Result(MessageSchemas::built_in())
                                             : MessageSchemas::from_folder(options.schema));
  AUTOTAPE_TRY_ASSIGN(const auto source, open_source(options));
  const std::string name = options.tape.empty() ? "broker" : options.tape;
  const auto output = options.json ? nullptr : make_violation_output(options.format, name);
  if (output) {
    AUTOTAPE_TRY(output->begin());
  }
  Validation validation(settings_of(options), schemas, output.get());
  ProgressLine progress;
  const bool live = options.tape.empty() || options.tape == "-";
  const auto done = validation.run(*source, [&]() -> Result<void> {
    if (progress.due()) {
      progress.show(describe_tally(validation.tally()));
    }
    return live ? finish_output() : Result<void>();
  });
  progress.clear();
  const std::vector<DeniedFact> denied = denied_facts(options, validation);
  if (output) {
    for (const DeniedFact& fact : denied) {
      AUTOTAPE_TRY(output->add(fact));
    }
    AUTOTAPE_TRY(output->end());
  }
  if (done && options.coverage && !options.json) {
    AUTOTAPE_TRY(print_coverage(options, validation));
  }
  AUTOTAPE_TRY(print_summary(options, validation, denied));
  AUTOTAPE_TRY(done);
  return graver(verdict_of(validation.tally(), denied),
                source->report_loss(validation.tally().messages));
}

Result<ExitCode> validate(const ValidateOptions& options) {
  if (options.list_rules) {
    return list_rules();
  }
  if (options.tape.empty() == !names_broker(options.connection)) {
    return usage_error(
        options.tape.empty() ? "a tape or a broker is required" : "a tape or a broker, not both",
        "see autotape validate --help");
  }
  if (!options.tape.empty() && (options.count > 0 || options.duration > Duration(0))) {
    return usage_error("--count and --duration are of a broker", "a tape is validated whole");
  }
  AUTOTAPE_TRY(refuse_unknown_rules(options.ignore));
  return validate_source(options);
}

void add_live_options(CLI::App& command, ValidateOptions& options) {
  add_connection_options(command, options.connection, ConnectionRole::subscriber);
  command.get_option("--dir")->description(
      "State directory of a mock broker: stands for host, port and credentials");
  command.add_option("--count", options.count, "Of a broker: stop after this many messages")
      ->check(at_least_one())
      ->group("Connection");
  add_duration_option(command, "--duration", options.duration, "Of a broker: stop after this time")
      ->group("Connection");
  command
      .add_flag("--take-over", options.take_over,
                "Of a broker: end the session that it keeps for this client id, with its messages")
      ->group("Connection");
}

void add_stream_options(CLI::App& command, ValidateOptions& options) {
  CLI::Option* const deny =
      command
          .add_option("--deny", options.deny,
                      "What an at-least-once stream may have, and this one must not: duplicates, "
                      "disorder, gaps")
          ->check(CLI::IsMember(stream_fact_names()))
          ->allow_extra_args(false)
          ->type_name("FACT");
  add_duration_option(command, "--gap", options.shortest_gap,
                      "A gap is longer than this between two readings of a car, by their own time "
                      "[10m]");
  command
      .add_flag("--no-stream-facts", options.no_stream_facts,
                "Do not look for duplicates, disorder and gaps, which takes time and memory")
      ->excludes(deny);
}

}  // namespace

void add_validate_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App& command =
      add_command(program, "validate",
                  "Hold each message of a tape, or of a broker as it comes, against the rules",
                  "autotape validate --format ndjson commute.ndjson");
  command.add_option("tape", options->tape, "The tape; - for standard input")->type_name("TAPE");
  CLI::Option* const format =
      command
          .add_option("--format", options->format,
                      "text: a line for each violation; ndjson: an object for each; junit, sarif "
                      "and github: what continuous integration reads")
          ->check(CLI::IsMember(violation_formats()))
          ->capture_default_str();
  command.add_flag("--json", options->json, "The summary alone, as a JSON object")
      ->excludes(format);
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
  command.add_flag("--coverage", options->coverage,
                   "List the properties that were seen, how often, with how many violations");
  command
      .add_option("--jobs", options->jobs, "Threads that decode and judge; 0 is one for each core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  add_stream_options(command, *options);
  add_live_options(command, *options);
  run_when_chosen(command, chosen, [options] {
    const auto code = validate(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
