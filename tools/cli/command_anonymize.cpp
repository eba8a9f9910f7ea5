// autotape anonymize: pseudonyms in the place of what tells of a person.
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "anonymize/raw_check.hpp"
#include "cli/anonymize_options.hpp"
#include "cli/command.hpp"
#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "tape/whole_tape.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> tapes;
  std::string output;
  AnonymizeOptions how;
  std::string description;
  bool check = false;
  bool force = false;
  bool json = false;
};

// ---- --check

Result<ExitCode> check_tapes(const Options& options) {
  std::size_t raw_tapes = 0;
  for (const std::string& path : options.tapes) {
    AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(path, interrupt_descriptor()));
    AUTOTAPE_TRY_ASSIGN(const auto raw, find_raw(*tape, [] { return !interrupted(); }));
    if (!raw && interrupted()) {
      say(fmt::format("{}: interrupted, not read to its end", path));
      return raw_tapes == 0 ? ExitCode::loss : ExitCode::check_failed;
    }
    if (raw) {
      ++raw_tapes;
      say(fmt::format("{}: {} (autotape anonymize makes a tape that may be given away)", path,
                      printable(*raw, 200)));
    }
  }
  if (options.json) {
    const Json summary{{"tapes", options.tapes.size()}, {"raw", raw_tapes}};
    AUTOTAPE_TRY(print(write_document(summary) + "\n"));
  }
  return raw_tapes == 0 ? ExitCode::passed : ExitCode::check_failed;
}

// ---- Anonymising

// Into a folder a tape goes under its own name, with pseudonyms in it too.
std::string output_path(const Options& options, const std::string& tape, Anonymizer& anonymizer) {
  std::error_code ignored;
  if (!options.output.ends_with('/') && !fs::is_directory(options.output, ignored)) {
    return options.output;
  }
  return fs::path(options.output) / anonymizer.file_name(fs::path(tape).filename().string());
}

// False if it was interrupted.
Result<bool> copy_records(TapeReader& tape, TapeWriter& output, Anonymizer& anonymizer,
                          std::string_view path) {
  ProgressLine progress;
  RecordedMessage message;
  Marker marker;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape.next(message, marker));
    if (interrupted()) {  // which ends standard input, too
      return false;
    }
    if (found == TapeRecord::end) {
      AUTOTAPE_TRY(output.close());
      return true;
    }
    if (found == TapeRecord::message) {
      anonymizer.rewrite(message);
      AUTOTAPE_TRY(output.append(message));
    } else {
      anonymizer.rewrite(marker);
      AUTOTAPE_TRY(output.append(marker));
    }
    if (progress.due()) {
      progress.show(
          fmt::format("{}: {} messages", path, describe_count(anonymizer.counts().messages)));
    }
  }
}

void say_what_was_done(const std::string& output, const Anonymizer& anonymizer) {
  const AnonymizeCounts& counts = anonymizer.counts();
  std::string line = fmt::format("{}: {} messages, {} payloads changed", output,
                                 describe_count(counts.messages), describe_count(counts.changed));
  if (counts.stubs > 0) {
    line +=
        fmt::format(", {} that cannot be parsed replaced by a stub", describe_count(counts.stubs));
  }
  if (counts.details_dropped > 0) {
    line += fmt::format(", {} texts of markers dropped", describe_count(counts.details_dropped));
  }
  say(line);
  for (const auto& [name, count] : anonymizer.payloads().unknown()) {
    say(fmt::format("not in the catalogue, and replaced: {} ({} times; --keep leaves it)",
                    printable(name, 100), describe_count(count)));
  }
}

Json summary_json(const std::string& tape, const std::string& output,
                  const Anonymizer& anonymizer) {
  const AnonymizeCounts& counts = anonymizer.counts();
  Json summary;
  summary["tape"] = tape;
  summary["output"] = output;
  summary["messages"] = counts.messages;
  summary["changed"] = counts.changed;
  summary["stubs"] = counts.stubs;
  summary["details_dropped"] = counts.details_dropped;
  summary["unknown"] = anonymizer.payloads().unknown();
  return summary;
}

Result<ExitCode> anonymize_tape(const Options& options, const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(path, interrupt_descriptor()));
  AUTOTAPE_TRY_ASSIGN(const auto anonymizer, make_anonymizer(options.how));
  if (tape->header().privacy == privacy_anonymized) {
    return usage_error(fmt::format("{} is anonymised already, with the key {}", path,
                                   printable(tape->header().key_id, 40)),
                       "begin with the raw tape");
  }
  const std::string output = output_path(options, path, *anonymizer);
  TapeHeader header = anonymizer->header(tape->header());
  header.tool = "autotape " AUTOTAPE_VERSION;
  header.description = options.description;

  AUTOTAPE_TRY_ASSIGN(const auto writer,
                      create_whole_tape(output, header, FileAccess::everyone, options.force));
  AUTOTAPE_TRY_ASSIGN(const bool whole, copy_records(*tape, *writer, *anonymizer, path));
  if (!whole) {
    say(fmt::format("{}: interrupted, nothing was written", output));
    return ExitCode::loss;
  }

  say_what_was_done(output, *anonymizer);
  if (options.json) {
    AUTOTAPE_TRY(print(write_document(summary_json(path, output, *anonymizer)) + "\n"));
  }
  const AnonymizeCounts& counts = anonymizer->counts();
  const ExitCode code =
      graver(report_damage(path, tape->damage()), report_empty(path, counts.messages));
  return counts.stubs > 0 ? graver(code, ExitCode::loss) : code;
}

Result<ExitCode> anonymize_tapes(const Options& options) {
  std::error_code ignored;
  if (options.output.empty()) {
    return usage_error("no output is given", "-o FILE, or -o FOLDER/ for many tapes");
  }
  if (options.tapes.size() > 1 && !options.output.ends_with('/') &&
      !fs::is_directory(options.output, ignored)) {
    return usage_error(fmt::format("{} is no folder, and {} tapes are to go there", options.output,
                                   options.tapes.size()),
                       "name a folder with -o");
  }
  if (options.output.ends_with('/')) {
    fs::create_directories(options.output, ignored);
  }
  ExitCode code = ExitCode::passed;
  for (const std::string& tape : options.tapes) {
    AUTOTAPE_TRY_ASSIGN(const ExitCode one, anonymize_tape(options, tape));
    code = graver(code, one);
  }
  return code;
}

}  // namespace

void add_anonymize_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      program, "anonymize",
      "Replace what a tape tells of a person by keyed pseudonyms, or find out whether it is raw",
      "autotape anonymize raw.ndjson -o shared.ndjson --key-file fleet.key\n"
      "  autotape anonymize --check tapes/*.ndjson           (4 if one is raw)");
  command.add_option("tape", options->tapes, "The tapes; - for standard input")
      ->type_name("TAPE")
      ->required();
  command
      .add_option("-o,--output", options->output,
                  "The new tape; or a folder, where each tape gets its own name with pseudonyms in "
                  "it")
      ->type_name("TAPE|FOLDER");
  command.add_option("--description", options->description,
                     "What the new tape says of itself; the old description is not kept");
  command.add_flag(
      "--check", options->check,
      "Change nothing; exit 4 if a tape is raw, as for a pre-commit hook. The description is "
      "its owner's own text, and is not looked at");
  command.add_flag("--force", options->force, "Overwrite the output");
  command.add_flag("--json", options->json, "Print a summary as JSON on standard output");
  add_anonymize_options(command, options->how);
  run_when_chosen(command, chosen, [options] {
    const auto code = options->check ? check_tapes(*options) : anonymize_tapes(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
