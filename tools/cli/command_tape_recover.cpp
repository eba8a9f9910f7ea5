// autotape tape recover: a whole tape of what is left of a damaged one.
#include <memory>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/tape_output.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "tape/edit/recovery.hpp"

namespace autotape {
namespace {

struct RecoverOptions {
  std::string tape;
  TapeOutput output;
};

Result<ExitCode> recover(const RecoverOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_for_recovery(options.tape));
  const auto copied = make_tape(*tape, tape->header(), options.output, {}, EmptyTape::refused);
  const TapeDamage& damage = tape->damage();
  // Listed, but how much it weighs is said by what is lost.
  static_cast<void>(report_damage(options.tape, damage));
  AUTOTAPE_TRY_ASSIGN(const MadeTape made, copied);
  if (made.interrupted) {
    return report_made_tape(made, options.output);
  }
  const auto lost = tape->lost(made.counts.messages_read);
  const Json more = {{"messages_lost", lost ? Json(*lost) : Json()},
                     {"damage", damage_json(damage)}};
  const ExitCode made_code = report_made_tape(made, options.output, more);
  if (lost == 0) {
    say("every message was recovered");
    return ExitCode::passed;
  }
  say(lost ? fmt::format("{} messages are lost", describe_count(*lost))
           : "how many messages are lost is not known");
  return graver(made_code, ExitCode::loss);
}

}  // namespace

void add_tape_recover_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<RecoverOptions>();
  CLI::App& command = add_command(group, "recover",
                                  "Make a whole tape of one that was cut off or damaged (exit code "
                                  "0: nothing lost, 3: something, "
                                  "5: nothing found)",
                                  "autotape tape recover crashed.mcap -o whole.mcap");
  add_tape_argument(command, options->tape);
  add_tape_output_options(command, options->output);
  run_when_chosen(command, chosen, [options] {
    const auto code = recover(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
