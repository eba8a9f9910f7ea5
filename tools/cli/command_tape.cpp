// autotape tape: everything that is done with tapes on disk.
#include "cli/command_tape.hpp"

#include <fmt/format.h>

#include "cli/terminal.hpp"

namespace autotape {

void add_tape_commands(CLI::App& program, Action& chosen) {
  CLI::App& group = add_command_group(program, "tape", "Look at tapes and work on them");
  add_tape_info_command(group, chosen);
  add_tape_cat_command(group, chosen);
}

CLI::Option* add_tape_argument(CLI::App& command, std::string& path) {
  return command.add_option("tape", path, "The tape; - for standard input")
      ->type_name("TAPE")
      ->required();
}

ExitCode report_damage(const std::string& path, const TapeDamage& damage) {
  if (!damage.any()) {
    return ExitCode::passed;
  }
  say(fmt::format("{}: the last record is torn: {} bytes were left out", path, damage.torn_bytes));
  return ExitCode::loss;
}

ExitCode report_empty(const std::string& path, std::uint64_t messages) {
  if (messages > 0) {
    return ExitCode::passed;
  }
  say(fmt::format("{}: the tape is empty", path));
  return ExitCode::loss;
}

}  // namespace autotape
