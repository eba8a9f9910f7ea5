// autotape tape merge: several tapes as one, by received time.
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/tape_output.hpp"
#include "cli/terminal.hpp"
#include "tape/edit/merging_reader.hpp"

namespace autotape {
namespace {

struct MergeOptions {
  std::vector<std::string> tapes;
  TapeOutput output;
};

Result<ExitCode> merge(const MergeOptions& options) {
  std::vector<std::unique_ptr<TapeReader>> tapes;
  for (const std::string& path : options.tapes) {
    AUTOTAPE_TRY_ASSIGN(auto tape, open_tape(path, interrupt_descriptor()));
    tapes.push_back(std::move(tape));
  }
  AUTOTAPE_TRY_ASSIGN(const auto merged, MergingReader::open(std::move(tapes)));
  AUTOTAPE_TRY_ASSIGN(const MadeTape made, make_tape(*merged, merged->header(), options.output));
  ExitCode code = report_made_tape(made, options.output);
  for (std::size_t i = 0; i < options.tapes.size(); ++i) {
    code = graver(code, report_damage(options.tapes[i], merged->damage_of(i)));
  }
  return code;
}

}  // namespace

void add_tape_merge_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App& command = add_command(
      group, "merge", "Make one tape of several, by received time; each keeps its order",
      "autotape tape merge monday.mcap tuesday.mcap -o days.mcap");
  command
      .add_option("tapes", options->tapes,
                  "The tapes; of records with one time, those of the first come first")
      ->type_name("TAPE")
      ->required();
  add_tape_output_options(command, options->output);
  run_when_chosen(command, chosen, [options] {
    const auto code = merge(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
