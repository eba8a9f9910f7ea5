// autotape tape convert: the same tape in another format.
#include <memory>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/tape_output.hpp"
#include "cli/terminal.hpp"
#include "tape/reader.hpp"

namespace autotape {
namespace {

struct ConvertOptions {
  std::string tape;
  TapeOutput output;
};

Result<ExitCode> convert(const ConvertOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(options.tape, interrupt_descriptor()));
  AUTOTAPE_TRY_ASSIGN(const MadeTape made, make_tape(*tape, tape->header(), options.output));
  return graver(report_damage(options.tape, tape->damage()),
                report_made_tape(made, options.output));
}

}  // namespace

void add_tape_convert_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App& command =
      add_command(group, "convert", "Write a tape in another format, losing nothing",
                  "autotape tape convert commute.ndjson -o commute.mcap");
  add_tape_argument(command, options->tape);
  add_tape_output_options(command, options->output);
  run_when_chosen(command, chosen, [options] {
    const auto code = convert(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
