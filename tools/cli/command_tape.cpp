#include "cli/command.hpp"

namespace autotape {

void add_tape_commands(CLI::App&, Action&) {}

}  // namespace autotape
