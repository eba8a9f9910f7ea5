// How a command is added to the program: one function for each, in its own file command_<name>.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "core/time.hpp"

namespace autotape {

// What the command line chose to do. main() runs it after all of it was parsed.
using Action = std::function<ExitCode()>;

void add_anonymize_command(CLI::App& program, Action& chosen);
void add_schema_commands(CLI::App& program, Action& chosen);
void add_schema_show_command(CLI::App& group, Action& chosen);
void add_schema_export_command(CLI::App& group, Action& chosen);
void add_record_command(CLI::App& program, Action& chosen);
void add_explore_command(CLI::App& program, Action& chosen);
void add_generate_command(CLI::App& program, Action& chosen);
void add_limits_command(CLI::App& program, Action& chosen);
void add_plan_command(CLI::App& program, Action& chosen);
void add_replay_command(CLI::App& program, Action& chosen);
void add_shrink_command(CLI::App& program, Action& chosen);
void add_scenario_commands(CLI::App& program, Action& chosen);
void add_tape_commands(CLI::App& program, Action& chosen);
void add_test_command(CLI::App& program, Action& chosen);
void add_validate_command(CLI::App& program, Action& chosen);
void add_verify_command(CLI::App& program, Action& chosen);
void add_broker_commands(CLI::App& program, Action& chosen);
void add_certs_commands(CLI::App& program, Action& chosen);

// A subcommand with the conventions of all: --help (never -h, which is the host), and an example.
//
//   auto options = std::make_shared<RecordOptions>();
//   CLI::App& command = add_command(program, "record", "Record a stream to a tape", "autotape
//   record …"); command.add_option("-o", options->tape, "…")->required(); run_when_chosen(command,
//   chosen, [options] { return record(*options); });
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example);

// A subcommand that only holds others: `autotape broker …`.
CLI::App& add_command_group(CLI::App& parent, const std::string& name,
                            const std::string& description, const std::string& example);

void run_when_chosen(CLI::App& command, Action& chosen, Action action);

// An option whose value has a unit ("200ms"); wrong values are usage errors. The help shows what
// `target` is by default.
CLI::Option* add_duration_option(CLI::App& command, const std::string& name, Duration& target,
                                 const std::string& description);
CLI::Option* add_duration_option(CLI::App& command, const std::string& name,
                                 std::optional<Duration>& target, const std::string& description);

// An option that is a share of something ("10%" or "0.1").
CLI::Option* add_share_option(CLI::App& command, const std::string& name, double& target,
                              const std::string& description);
CLI::Option* add_share_option(CLI::App& command, const std::string& name,
                              std::optional<double>& target, const std::string& description);

// Checks an option that counts something of which none makes no sense.
CLI::Validator at_least_one();

// Shows in the usage of a command that the consumer's command follows "--". Where the words in
// front of it are wrong, takes_consumer_command() lets the error ask for a forgotten "--".
void take_consumer_command(CLI::App& command, bool required);
bool takes_consumer_command(const CLI::App& command);

// The command to run that follows "--": `autotape test TAPE -- COMMAND ARG…`. main() takes it off
// before the rest is parsed.
const std::vector<std::string>& arguments_after_double_dash();

// All words as they were given, the program's name first.
const std::vector<std::string>& whole_command_line();

}  // namespace autotape
