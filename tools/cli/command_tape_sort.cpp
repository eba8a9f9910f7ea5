// autotape tape sort: the records of a tape by time.
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/tape_output.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "tape/edit/sorted_reader.hpp"

namespace autotape {
namespace {

struct SortOptions {
  std::string tape;
  std::string by = "received";
  TapeOutput output;
};

Result<ExitCode> sort(const SortOptions& options) {
  AUTOTAPE_TRY(refuse_overwrite(options.output.path, options.output.force));
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(options.tape, interrupt_descriptor()));
  SortLimits limits;
  limits.folder = std::filesystem::path(options.output.path).parent_path().string();
  if (limits.folder.empty()) {
    limits.folder = ".";
  }
  ProgressLine progress;
  std::uint64_t records = 0;
  limits.go_on = [&] {
    ++records;
    if (progress.due()) {
      progress.show(fmt::format("{} records read, to be sorted", describe_count(records)));
    }
    return !interrupted();
  };
  AUTOTAPE_TRY_ASSIGN(
      const auto sorted,
      sort_tape(*tape, options.by == "data" ? SortBy::data : SortBy::received, limits));
  AUTOTAPE_TRY_ASSIGN(const MadeTape made, make_tape(*sorted, sorted->header(), options.output));
  return graver(report_damage(options.tape, sorted->damage()),
                report_made_tape(made, options.output));
}

}  // namespace

void add_tape_sort_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<SortOptions>();
  CLI::App& command = add_command(group, "sort", "Put the messages of a tape in the order of time",
                                  "autotape tape sort merged.mcap -o sorted.mcap");
  add_tape_argument(command, options->tape);
  add_tape_output_options(command, options->output);
  command
      .add_option("--by", options->by,
                  "received: when it was received; data: when its newest reading was made")
      ->check(CLI::IsMember({"received", "data"}))
      ->capture_default_str();
  run_when_chosen(command, chosen, [options] {
    const auto code = sort(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
