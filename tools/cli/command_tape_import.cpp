// autotape tape import: what people already have, as a tape.
#include <memory>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/tape_output.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "tape/import/import.hpp"

namespace autotape {
namespace {

struct ImportOptions {
  std::string source;
  std::string format;
  std::string start;
  ImportSettings settings;
  TapeOutput output;
};

Json skipped_json(const ImportCounts& counts) {
  Json json;
  json["skipped"] = counts.skipped;
  json["without_time"] = counts.without_time;
  json["places"] = Json::array();
  for (const SkippedPlace& place : counts.places) {
    json["places"].push_back({{"where", place.where}, {"why", place.why}, {"count", place.count}});
  }
  return json;
}

ExitCode report_skipped(const ImportCounts& counts) {
  if (counts.without_time > 0) {
    say(
        fmt::format("{} messages do not say when they were received: they follow the data time of "
                    "their readings, or each other",
                    describe_count(counts.without_time)));
  }
  for (const SkippedPlace& place : counts.places) {
    say(fmt::format(
        "{}: {}{}", place.where, place.why,
        place.count == 1 ? "" : fmt::format(", and {} more", describe_count(place.count - 1))));
  }
  if (counts.skipped == 0) {
    return ExitCode::passed;
  }
  say(fmt::format("{} lines or values are no message, and were skipped",
                  describe_count(counts.skipped)));
  return ExitCode::loss;
}

Result<ExitCode> import_source(ImportOptions& options) {
  if (!options.format.empty()) {
    options.settings.format = import_format_named(options.format);
  }
  if (!options.start.empty()) {
    options.settings.start = parse_rfc3339_as<ReceivedClock>(options.start);
    if (!options.settings.start) {
      return usage_error("--start: '" + options.start + "' is no RFC 3339 date-time",
                         "such as 2026-03-02T06:45:00Z");
    }
  }
  AUTOTAPE_TRY_ASSIGN(const auto source, open_import(options.source, options.settings));
  TapeHeader header = source->header();
  header.tool = "autotape";
  const auto made = make_tape(*source, header, options.output, {}, EmptyTape::refused);
  if (!made) {
    report_skipped(source->counts());
    return made.error();
  }
  if (made->interrupted) {
    return report_made_tape(*made, options.output);
  }
  const ExitCode made_code =
      report_made_tape(*made, options.output, skipped_json(source->counts()));
  return graver(report_skipped(source->counts()), made_code);
}

}  // namespace

void add_tape_import_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App& command = add_command(
      group, "import",
      "Make a tape of a log of mosquitto_sub, a CSV file of mqtt-recorder, or a folder of JSON",
      "mosquitto_sub … -F %j > log.txt; autotape tape import log.txt -o log.mcap");
  command.add_option("source", options->source, "File or folder; - for standard input")
      ->type_name("PATH")
      ->required();
  add_tape_output_options(command, options->output);
  command
      .add_option(
          "--from", options->format,
          "mosquitto-v (-v), mosquitto-json (-F %j), mosquitto-time (-F '%I %t %p'), csv, json; "
          "without it, what the first line looks like")
      ->check(CLI::IsMember(import_format_names()));
  command.add_flag("--base64", options->settings.payload_is_base64,
                   "The payloads of a CSV file are base 64");
  command.add_option("--start", options->start,
                     "When the first message was received, if nothing says (RFC 3339)");
  command.add_option("--app-id", options->settings.app_id, "Of payloads that come without a topic");
  command.add_option("--environment", options->settings.environment, "The same")
      ->capture_default_str();
  run_when_chosen(command, chosen, [options] {
    const auto code = import_source(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
