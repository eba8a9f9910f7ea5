// What the commands about the mock broker share.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "core/result.hpp"

namespace autotape {

// `--dir`, with its default.
CLI::Option* add_directory_option(CLI::App& command, std::string& directory);

// Quoted for a POSIX shell where it needs to be.
std::string shell_word(const std::string& text);

// Reports an error, if it is one, and gives the exit code.
ExitCode report(const Result<void>& result);

// Into the group `autotape broker`.
void add_broker_fault_commands(CLI::App& broker, Action& chosen);
void add_broker_event_commands(CLI::App& broker, Action& chosen);

}  // namespace autotape
