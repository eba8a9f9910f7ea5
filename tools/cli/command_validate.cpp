// autotape validate: holds each message of a tape against the rules.
#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "schema/message_rules.hpp"
#include "tape/reader.hpp"

namespace autotape {
namespace {

struct ValidateOptions {
  std::string tape;
  std::string format = "text";
};

struct Tally {
  std::uint64_t messages = 0;
  std::uint64_t invalid_messages = 0;
  std::uint64_t errors = 0;
  std::uint64_t warnings = 0;
};

std::string text_line(std::uint64_t number, const Message& message, const Violation& violation) {
  return printable(fmt::format("message {}: {}: {}: {} ({})", number, name_of(violation.severity),
                               violation.rule, violation.line(), message.topic),
                   1000) +
         "\n";
}

std::string ndjson_line(std::uint64_t number, const Message& message, const Violation& violation) {
  Json line;
  line["message"] = number;
  line["topic"] = message.topic;
  line["severity"] = name_of(violation.severity);
  line["rule"] = violation.rule;
  line["instance"] = violation.instance;
  line["expected"] = violation.expected;
  line["found"] = violation.found;
  if (violation.nearest) {
    line["nearest"] = *violation.nearest;
  }
  return write_document(line) + "\n";
}

Result<void> check_message(MessageRules& rules, const Message& message,
                           const ValidateOptions& options, Tally& tally) {
  std::vector<Violation> violations;
  rules.check(message, violations);
  ++tally.messages;
  bool invalid = false;
  for (const Violation& violation : violations) {
    const bool error = violation.severity == Severity::error;
    invalid = invalid || error;
    ++(error ? tally.errors : tally.warnings);
    AUTOTAPE_TRY(print(options.format == "ndjson" ? ndjson_line(tally.messages, message, violation)
                                                  : text_line(tally.messages, message, violation)));
  }
  tally.invalid_messages += invalid ? 1 : 0;
  return {};
}

Result<ExitCode> validate_tape(const ValidateOptions& options, Tally& tally) {
  AUTOTAPE_TRY_ASSIGN(auto tape, open_tape(options.tape));
  MessageRules rules;
  RecordedMessage recorded;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, tape->next_message(recorded));
    if (!found) {
      break;
    }
    AUTOTAPE_TRY(check_message(rules, recorded.message, options, tally));
  }
  ExitCode code = tally.errors > 0 ? ExitCode::check_failed : ExitCode::passed;
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

ExitCode validate(const ValidateOptions& options) {
  Tally tally;
  const auto code = validate_tape(options, tally);
  say(
      fmt::format("{} messages checked, {} invalid: {} errors, {} warnings; data not checked "
                  "against the schema",
                  describe_count(tally.messages), describe_count(tally.invalid_messages),
                  describe_count(tally.errors), describe_count(tally.warnings)));
  return code ? *code : report_error(code.error());
}

}  // namespace

void add_validate_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App& command =
      add_command(program, "validate", "Hold each message of a tape against the rules",
                  "autotape validate --format ndjson commute.ndjson");
  command.add_option("tape", options->tape, "The tape; - for standard input")
      ->type_name("TAPE")
      ->required();
  command
      .add_option("--format", options->format,
                  "text: a line for each violation; ndjson: an object for each")
      ->check(CLI::IsMember({"text", "ndjson"}))
      ->capture_default_str();
  run_when_chosen(command, chosen, [options] { return validate(*options); });
}

}  // namespace autotape
