#include "cli/command.hpp"

namespace autotape {

void add_tape_commands(CLI::App&, Action&) {}
void add_validate_command(CLI::App&, Action&) {}

}  // namespace autotape
