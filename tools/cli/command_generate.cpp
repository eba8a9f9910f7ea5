// autotape generate: a tape of a fleet that never was, or of random messages.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "generate/fleet.hpp"
#include "generate/schema_fuzzer.hpp"
#include "json/document.hpp"
#include "tape/ndjson/ndjson_line.hpp"
#include "tape/whole_tape.hpp"

namespace autotape {
namespace {

struct GenerateOptions {
  FleetSettings fleet;
  bool fuzz_schema = false;
  FuzzSettings fuzz;
  std::string stream = "v1";
  std::string start;
  std::string output;
  bool force = false;
  bool json = false;
};

struct Generated {
  std::uint64_t messages = 0;
  std::uint64_t payload_bytes = 0;
  std::optional<ReceivedTime> first;
  ReceivedTime last;
  bool whole = true;  // not interrupted
};

// A fleet or a fuzzer.
struct MessageMaker {
  TapeHeader header;
  std::function<bool(RecordedMessage&)> next;
};

Result<MessageMaker> make_maker(const GenerateOptions& options) {
  if (options.fuzz_schema) {
    AUTOTAPE_TRY_ASSIGN(SchemaFuzzer made, SchemaFuzzer::create(options.fuzz));
    auto fuzzer = std::make_shared<SchemaFuzzer>(std::move(made));
    return MessageMaker{fuzzer->header(),
                        [fuzzer](RecordedMessage& message) { return fuzzer->next(message); }};
  }
  AUTOTAPE_TRY_ASSIGN(Fleet made, Fleet::create(options.fleet));
  auto fleet = std::make_shared<Fleet>(std::move(made));
  return MessageMaker{fleet->header(),
                      [fleet](RecordedMessage& message) { return fleet->next(message); }};
}

// A tape that has its name once it is whole, or lines on standard output.
class GeneratedOutput {
 public:
  static Result<GeneratedOutput> open(const GenerateOptions& options, const TapeHeader& header) {
    GeneratedOutput output;
    if (options.output.empty()) {
      append_header_line(output.lines_, header);
      return output;
    }
    AUTOTAPE_TRY_ASSIGN(output.tape_, create_whole_tape(options.output, header,
                                                        FileAccess::everyone, options.force));
    return output;
  }

  Result<void> append(const RecordedMessage& message) {
    if (tape_ != nullptr) {
      return tape_->append(message);
    }
    append_message_line(lines_, message);
    return lines_.size() < large ? Result<void>() : print_lines();
  }

  // Otherwise lines on standard output.
  bool is_tape() const { return tape_ != nullptr; }

  // A tape that is not closed leaves nothing.
  Result<void> close() { return tape_ == nullptr ? print_lines() : tape_->close(); }

 private:
  static constexpr std::size_t large = 64 * 1024;

  Result<void> print_lines() {
    auto printed = print(lines_);
    lines_.clear();
    return printed;
  }

  std::unique_ptr<TapeWriter> tape_;
  std::string lines_;
};

Result<Generated> generate(const GenerateOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const MessageMaker maker, make_maker(options));
  AUTOTAPE_TRY_ASSIGN(GeneratedOutput output, GeneratedOutput::open(options, maker.header));
  Generated generated;
  ProgressLine progress;
  RecordedMessage message;
  while (maker.next(message)) {
    AUTOTAPE_TRY(output.append(message));
    ++generated.messages;
    generated.payload_bytes += message.message.payload.size();
    generated.first = generated.first.value_or(message.received);
    generated.last = message.received;
    constexpr std::uint64_t look_each = 1024;
    if (generated.messages % look_each == 0) {
      if (interrupted() || output_is_closed()) {
        generated.whole = false;
        break;
      }
      if (progress.due()) {
        progress.show(fmt::format("{} messages, {}", describe_count(generated.messages),
                                  format_rfc3339(message.received.time_since_epoch())));
      }
    }
  }
  if (generated.whole || !output.is_tape()) {
    AUTOTAPE_TRY(output.close());
  }
  return generated;
}

Duration span_of(const Generated& generated) {
  return generated.first ? Duration(generated.last - *generated.first) : Duration(0);
}

Result<void> report(const GenerateOptions& options, const Generated& generated) {
  if (!generated.whole && !options.output.empty()) {
    say(fmt::format("{}: interrupted, nothing was written", options.output));
    return {};
  }
  if (output_is_closed()) {
    return {};
  }
  say(fmt::format("{} messages over {}, {}{}", describe_count(generated.messages),
                  describe_duration(span_of(generated)),
                  describe_byte_count(generated.payload_bytes),
                  generated.whole ? "" : "; interrupted before the end"));
  if (!options.json) {
    return {};
  }
  const Json summary{{"tape", options.output},
                     {"messages", generated.messages},
                     {"payload_bytes", generated.payload_bytes},
                     {"seconds", static_cast<double>(span_of(generated).count()) / 1e9},
                     {"whole", generated.whole}};
  return print(write_document(summary) + "\n");
}

Result<ExitCode> run_generate(GenerateOptions options) {
  options.fleet.stream = options.stream == "v1" ? StreamVersion::v1 : StreamVersion::v2;
  if (!options.start.empty()) {
    const auto start = parse_rfc3339_as<DataClock>(options.start);
    if (!start) {
      return usage_error(fmt::format("--start {} is no RFC 3339 date-time", options.start),
                         "write it like 2026-03-02T06:45:00Z");
    }
    options.fleet.start = *start;
  }
  options.fuzz.stream = options.fleet.stream;
  options.fuzz.start = options.fleet.start;
  options.fuzz.seed = options.fleet.seed;
  options.fuzz.count = options.fleet.count.value_or(options.fuzz.count);
  if (options.json && options.output.empty()) {
    return usage_error("--json needs -o", "without it the messages go to standard output");
  }
  AUTOTAPE_TRY_ASSIGN(const Generated generated, generate(options));
  AUTOTAPE_TRY(report(options, generated));
  if (output_is_closed()) {
    return ExitCode::passed;
  }
  return generated.whole && generated.messages > 0 ? ExitCode::passed : ExitCode::loss;
}

void add_fleet_options(CLI::App& command, FleetSettings& fleet, CLI::Option& fuzz_schema) {
  command.add_option("--cars", fleet.cars, "How many cars")
      ->capture_default_str()
      ->excludes(&fuzz_schema);
  add_duration_option(command, "--duration", fleet.duration,
                      "How long the tape is; 10min without this and --count")
      ->excludes(&fuzz_schema);
  command
      .add_option(
          "--properties", fleet.properties,
          "Only these, like diagnostics.odometer, or all that is simulated of a capability. "
          "Others of the catalogue get random values")
      ->type_name("NAME")
      ->delimiter(',')
      ->excludes(&fuzz_schema);
  command.add_option("--environment", fleet.environment, "live or sandbox")
      ->capture_default_str()
      ->excludes(&fuzz_schema);
  command.add_option("--app-id", fleet.app_id, "The application whose stream it is")
      ->type_name("ID")
      ->excludes(&fuzz_schema);
}

void add_fuzz_options(CLI::App& command, FuzzSettings& fuzz, CLI::Option& fuzz_schema) {
  add_share_option(command, "--violations", fuzz.violations,
                   "The share of messages with exactly one violation; 50% if not given")
      ->needs(&fuzz_schema);
  command
      .add_option("--keyword", fuzz.keyword,
                  "Break only this keyword of JSON Schema: " +
                      fmt::format("{}", fmt::join(fuzzed_keywords(), ", ")))
      ->type_name("NAME")
      ->needs(&fuzz_schema);
}

}  // namespace

void add_generate_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App& command = add_command(
      program, "generate", "Make up a tape: cars that drive, charge and sleep, the same every time",
      "autotape generate --cars 100 --duration 1h -o fleet.ndjson\n"
      "  autotape generate --fuzz-schema --count 100000 -o fuzz.ndjson");
  CLI::Option* const fuzz_schema = command.add_flag(
      "--fuzz-schema", options->fuzz_schema,
      "Instead of a fleet, random messages over the whole catalogue, valid or with exactly one "
      "violation. Each has user properties that say which: expect, keyword, instance");
  add_fleet_options(command, options->fleet, *fuzz_schema);
  add_fuzz_options(command, options->fuzz, *fuzz_schema);
  command
      .add_option("--count", options->fleet.count,
                  "How many messages at most; 10000 with --fuzz-schema")
      ->check(at_least_one());
  command.add_option("--seed", options->fleet.seed, "Another seed is another tape")
      ->capture_default_str();
  command.add_option("--stream", options->stream, "The stream's version")
      ->check(CLI::IsMember({"v1", "v2"}))
      ->capture_default_str();
  command
      .add_option("--start", options->start,
                  "When it begins; Monday 2026-03-02T06:45:00Z if not given")
      ->type_name("TIME");
  command.add_option("-o", options->output, "The tape; without it, lines on standard output")
      ->type_name("TAPE");
  command.add_flag("--force", options->force, "Overwrite an existing tape");
  command.add_flag("--json", options->json, "Print a summary as JSON");
  run_when_chosen(command, chosen, [options] {
    const auto code = run_generate(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
