// The program: its commands, what is wrong with a command line, and the exit code.
#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "mockbroker/harness/supervisor.hpp"

namespace autotape {
namespace {

std::vector<std::string> after_double_dash;
std::vector<std::string> all_words;

std::string exit_code_help() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeMeaning& row : exit_code_table) {
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  }
  return text +
         "Where several apply, the first of 1, 2, 5, 6, 4, 7, 3 is given.\n"
         "A reader that closes the pipe (| head) has seen enough: that is no error.";
}

void describe_program(CLI::App& program) {
  program.name("autotape");
  program.description("Record, replay and verify vehicle-data streams over MQTT.");
  program.set_help_flag("--help", "Show this help");
  program.set_version_flag("--version", "autotape " AUTOTAPE_VERSION);
  program.require_subcommand(1);
  program.footer(exit_code_help());
}

// The innermost command that was named.
const CLI::App& chosen_command(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return *app;
}

// "autotape tape cat", to point at its help.
std::string path_of(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? command.get_name()
             : path_of(*command.get_parent()) + " " + command.get_name();
}

// The option that was meant by "--car".
std::optional<std::string> nearest_option(const CLI::App& command, std::string_view written) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto nearest = nearest_name(written.substr(0, written.find('=')), known);
  return nearest ? std::optional(std::string(*nearest)) : std::nullopt;
}

// Words that the command has no use for.
Error unexpected_words(const CLI::App& command) {
  const std::vector<std::string> words = command.remaining();
  std::string advice = "see " + path_of(command) + " --help";
  for (const std::string& word : words) {
    if (const auto nearest =
            word.starts_with("--") ? nearest_option(command, word) : std::nullopt) {
      return usage_error(fmt::format("there is no option {}", printable(word)),
                         fmt::format("did you mean {}?", *nearest));
    }
  }
  if (takes_consumer_command(command) && after_double_dash.empty()) {
    advice = "did you forget \"--\" before the consumer's command? " + advice;
  }
  return usage_error(
      fmt::format("not expected: {}", printable(fmt::format("{}", fmt::join(words, " ")), 200)),
      advice);
}

// "autotape recrod": the word that names no command, with the nearest that does.
std::optional<Error> unknown_command(const CLI::App& program, int argc, char** argv) {
  const CLI::App* app = &program;
  for (int i = 1; i < argc && !std::string_view(argv[i]).starts_with('-'); ++i) {
    const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty()) {
      break;
    }
    std::vector<std::string_view> names;
    const CLI::App* named = nullptr;
    for (const CLI::App* command : commands) {
      names.push_back(command->get_name());
      named = command->check_name(argv[i]) ? command : named;
    }
    if (named == nullptr) {
      const auto nearest = nearest_name(argv[i], names);
      return usage_error(
          fmt::format("'{}' is no command", printable(argv[i])),
          nearest ? fmt::format("did you mean '{}'?", *nearest) : "autotape --help lists them");
    }
    app = named;
  }
  return std::nullopt;
}

ExitCode usage_exit(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    program.exit(error);  // --help and --version
    return ExitCode::passed;
  }
  const CLI::App& command = chosen_command(program);
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    return report_error(unexpected_words(command));
  }
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return report_error(usage_error(what, "see " + path_of(command) + " --help"));
}

ExitCode run(int argc, char** argv) {
  CLI::App program;
  Action chosen;
  describe_program(program);
  add_schema_commands(program, chosen);
  add_record_command(program, chosen);
  add_replay_command(program, chosen);
  add_generate_command(program, chosen);
  add_plan_command(program, chosen);
  add_scenario_commands(program, chosen);
  add_tape_commands(program, chosen);
  add_anonymize_command(program, chosen);
  add_validate_command(program, chosen);
  add_broker_commands(program, chosen);
  add_test_command(program, chosen);
  add_verify_command(program, chosen);
  add_explore_command(program, chosen);
  add_shrink_command(program, chosen);
  add_limits_command(program, chosen);
  add_certs_commands(program, chosen);

  char** const end = argv + argc;
  all_words.assign(argv, end);
  char** const double_dash =
      std::find_if(argv, end, [](const char* word) { return std::string_view(word) == "--"; });
  if (double_dash != end) {
    after_double_dash.assign(double_dash + 1, end);
  }
  if (const auto unknown = unknown_command(program, static_cast<int>(double_dash - argv), argv)) {
    return report_error(*unknown);
  }
  try {
    program.parse(static_cast<int>(double_dash - argv), argv);
  } catch (const CLI::ParseError& error) {
    return usage_exit(program, error);
  }
  catch_interrupts();
  const ExitCode code = chosen();
  if (const auto finished = finish_output(); !finished) {
    return graver(code, report_error(finished.error()));
  }
  return code;
}

}  // namespace

const std::vector<std::string>& whole_command_line() {
  return all_words;
}

const std::vector<std::string>& arguments_after_double_dash() {
  return after_double_dash;
}

}  // namespace autotape

int main(int argc, char** argv) {
  try {
    // How the mock broker's supervisor starts; nobody types it.
    if (argc == 2 && std::string_view(argv[1]) == autotape::supervisor_command) {
      return autotape::run_supervisor();
    }
    return static_cast<int>(autotape::run(argc, argv));
  } catch (const std::exception& error) {
    return static_cast<int>(autotape::report_error(autotape::internal_error(error.what())));
  }
}
