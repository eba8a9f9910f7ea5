// The program: its commands, what is wrong with a command line, and the exit code.
#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"

namespace autotape {
namespace {

std::vector<std::string> after_double_dash;

std::string exit_code_help() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeMeaning& row : exit_code_table) {
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  }
  return text + "Where several apply, the first of 1, 2, 5, 6, 4, 7, 3 is given.";
}

void describe_program(CLI::App& program) {
  program.name("autotape");
  program.description("Record, replay and verify vehicle-data streams over MQTT.");
  program.set_help_flag("--help", "Show this help");
  program.set_version_flag("--version", "autotape " AUTOTAPE_VERSION);
  program.require_subcommand(1);
  program.footer(exit_code_help());
}

// The innermost command that was named, to point at its help.
std::string chosen_path(const CLI::App& program) {
  std::string path = "autotape";
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    path += " " + app->get_name();
  }
  return path;
}

ExitCode usage_exit(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    program.exit(error);  // --help and --version
    return ExitCode::passed;
  }
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return report_error(usage_error(what, "see " + chosen_path(program) + " --help"));
}

ExitCode run(int argc, char** argv) {
  CLI::App program;
  Action chosen;
  describe_program(program);
  add_tape_commands(program, chosen);
  add_validate_command(program, chosen);

  char** const end = argv + argc;
  char** const double_dash =
      std::find_if(argv, end, [](const char* word) { return std::string_view(word) == "--"; });
  if (double_dash != end) {
    after_double_dash.assign(double_dash + 1, end);
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

const std::vector<std::string>& arguments_after_double_dash() {
  return after_double_dash;
}

}  // namespace autotape

int main(int argc, char** argv) {
  try {
    return static_cast<int>(autotape::run(argc, argv));
  } catch (const std::exception& error) {
    return static_cast<int>(autotape::report_error(autotape::internal_error(error.what())));
  }
}
