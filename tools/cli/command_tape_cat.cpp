// autotape tape cat: the messages of a tape, or their readings, as text.
#include <memory>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "tape/ndjson/ndjson_line.hpp"
#include "tape/reading_rows.hpp"

namespace autotape {
namespace {

struct CatOptions {
  std::string tape;
  bool readings = false;
  std::string format = "ndjson";
};

struct CatCounts {
  std::uint64_t messages = 0;
  std::uint64_t without_envelope = 0;
};

class Printer {
 public:
  explicit Printer(const CatOptions& options) : options_(options) {}

  Result<void> begin(const TapeHeader& header) {
    if (!options_.readings) {
      append_header_line(text_, header);
    } else if (options_.format == "csv") {
      text_ += ReadingRows::csv_header();
    }
    return print_if(!text_.empty());
  }

  Result<void> message(const RecordedMessage& message) {
    ++counts_.messages;
    if (!options_.readings) {
      append_message_line(text_, message);
    } else if (!(options_.format == "csv" ? rows_.append_csv(text_, message)
                                          : rows_.append_ndjson(text_, message))) {
      ++counts_.without_envelope;
    }
    return print_if(text_.size() >= large);
  }

  Result<void> marker(const Marker& marker) {
    if (!options_.readings) {
      append_marker_line(text_, marker);
    }
    return {};
  }

  Result<void> finish() { return print_if(true); }

  const CatCounts& counts() const { return counts_; }

 private:
  static constexpr std::size_t large = 64 * 1024;

  Result<void> print_if(bool now) {
    if (now) {
      AUTOTAPE_TRY(print(text_));
      text_.clear();
    }
    return {};
  }

  const CatOptions& options_;
  std::string text_;
  ReadingRows rows_;
  CatCounts counts_;
};

Result<void> print_records(TapeReader& tape, Printer& printer) {
  RecordedMessage message;
  Marker marker;
  while (!interrupted() && !output_is_closed()) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape.next(message, marker));
    if (found == TapeRecord::end) {
      break;
    }
    AUTOTAPE_TRY(found == TapeRecord::message ? printer.message(message) : printer.marker(marker));
  }
  return printer.finish();
}

Result<ExitCode> cat_tape(const CatOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(options.tape, interrupt_descriptor()));
  Printer printer(options);
  AUTOTAPE_TRY(printer.begin(tape->header()));
  const auto printed = print_records(*tape, printer);
  if (!printed) {
    AUTOTAPE_TRY(printer.finish());  // what was read before the fault
    return printed.error();
  }
  if (interrupted()) {
    say(fmt::format("{}: interrupted before its end", options.tape));
    return ExitCode::loss;
  }
  if (output_is_closed()) {
    return ExitCode::passed;
  }
  ExitCode code = graver(report_damage(options.tape, tape->damage()),
                         report_empty(options.tape, printer.counts().messages));
  if (printer.counts().without_envelope > 0) {
    say(fmt::format("{}: {} messages have no readings that can be read, and no row", options.tape,
                    describe_count(printer.counts().without_envelope)));
    code = graver(code, ExitCode::loss);
  }
  return code;
}

ExitCode cat(const CatOptions& options) {
  const auto code = cat_tape(options);
  return code ? *code : report_error(code.error());
}

}  // namespace

void add_tape_cat_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<CatOptions>();
  CLI::App& command =
      add_command(group, "cat", "Print the messages of a tape, or their readings",
                  "autotape tape cat --readings --format csv commute.mcap > commute.csv");
  add_tape_argument(command, options->tape);
  command.add_flag("--readings", options->readings, "One row for each reading");
  command
      .add_option("--format", options->format,
                  "ndjson: an object on each line; csv: a table, with --readings")
      ->check(CLI::IsMember({"ndjson", "csv"}))
      ->capture_default_str();
  run_when_chosen(command, chosen, [options]() -> ExitCode {
    if (options->format == "csv" && !options->readings) {
      return report_error(usage_error("--format csv needs --readings",
                                      "messages are no table; their readings are"));
    }
    return cat(*options);
  });
}

}  // namespace autotape
