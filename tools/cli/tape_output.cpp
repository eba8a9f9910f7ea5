#include "cli/tape_output.hpp"

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "tape/whole_tape.hpp"

namespace autotape {

void add_tape_output_options(CLI::App& command, TapeOutput& output) {
  command
      .add_option("-o", output.path,
                  "The new tape; its ending says the format: .mcap, .ndjson, .ndjson.zst")
      ->type_name("TAPE")
      ->required();
  command.add_flag("--force", output.force, "Overwrite an existing tape");
  command.add_flag("--json", output.json, "Say at the end what was done as JSON");
}

Result<MadeTape> make_tape(TapeReader& from, const TapeHeader& header, const TapeOutput& output,
                           CopyRules rules, EmptyTape empty) {
  const FileAccess access = header.privacy == "raw" ? FileAccess::owner_only : FileAccess::everyone;
  AUTOTAPE_TRY_ASSIGN(const auto writer,
                      create_whole_tape(output.path, header, access, output.force));
  MadeTape made;
  ProgressLine progress;
  rules.go_on = [&](const CopyCounts& counts) {
    if (progress.due()) {
      progress.show(fmt::format("{} messages read, {} written",
                                describe_count(counts.messages_read),
                                describe_count(counts.messages_written)));
    }
    return !interrupted();
  };
  AUTOTAPE_TRY(copy_tape(from, *writer, rules, made.counts));
  made.interrupted = interrupted();
  if (made.interrupted) {
    return made;
  }
  if (empty == EmptyTape::refused && made.counts.messages_read + made.counts.markers_read == 0) {
    return file_error(output.path, "is not written: there is nothing to write");
  }
  AUTOTAPE_TRY(writer->close());
  made.bytes = writer->size();
  return made;
}

ExitCode report_made_tape(const MadeTape& made, const TapeOutput& output, Json more) {
  const CopyCounts& counts = made.counts;
  const std::uint64_t dropped_markers = counts.markers_read - counts.markers_written;
  if (made.interrupted) {
    say(fmt::format("{}: interrupted, nothing was written", output.path));
    return ExitCode::loss;
  }
  say(fmt::format(
      "{} messages read, {} written to {} ({}), {} dropped; {} markers kept{}",
      describe_count(counts.messages_read), describe_count(counts.messages_written), output.path,
      describe_byte_count(made.bytes), describe_count(counts.messages_dropped()),
      describe_count(counts.markers_written),
      dropped_markers > 0 ? fmt::format(", {} dropped", describe_count(dropped_markers)) : ""));
  if (output.json) {
    Json json;
    json["tape"] = output.path;
    json["bytes"] = made.bytes;
    json["messages_read"] = counts.messages_read;
    json["messages_written"] = counts.messages_written;
    json["messages_dropped"] = counts.messages_dropped();
    json["markers_read"] = counts.markers_read;
    json["markers_written"] = counts.markers_written;
    json.update(more);
    if (const auto printed = print(write_document(json) + "\n"); !printed) {
      return report_error(printed.error());
    }
  }
  return report_empty(output.path, counts.messages_written);
}

}  // namespace autotape
