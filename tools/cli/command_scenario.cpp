// autotape scenario: what is wrong with a scenario file, and which scenarios there are.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "scenario/scenario_file.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  std::vector<std::string> settings;
};

std::vector<Error> problems_of(const std::string& file, const std::vector<std::string>& settings) {
  if (is_scenario_file(file)) {
    auto problems = problems_of_scenario(file, settings);
    if (!problems.empty()) {
      return problems;
    }
  }
  const auto scenario = open_scenario(file, settings);
  if (!scenario) {
    return {scenario.error()};
  }
  const auto tape = tape_of_scenario(*scenario)();
  return tape ? std::vector<Error>() : std::vector<Error>{tape.error()};
}

ExitCode check_scenarios(const CheckOptions& options) {
  ExitCode code = ExitCode::passed;
  for (const std::string& file : options.files) {
    for (const Error& problem : problems_of(file, options.settings)) {
      code = graver(code, report_error(problem));
    }
  }
  if (code == ExitCode::passed) {
    say(fmt::format("{} scenario{} fine", options.files.size(),
                    options.files.size() == 1 ? " is" : "s are"));
  }
  return code;
}

Result<void> list_scenarios(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  if (error) {
    return file_error(folder, "cannot be read as a folder of scenarios");
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    AUTOTAPE_TRY_ASSIGN(const Scenario scenario, open_scenario(file, {}));
    AUTOTAPE_TRY(
        print(fmt::format("{:<28} {}\n", scenario.name, printable(scenario.description, 200))));
  }
  return {};
}

}  // namespace

void add_scenario_commands(CLI::App& program, Action& chosen) {
  CLI::App& group = add_command_group(
      program, "scenario", "Check and list scenario files",
      "autotape scenario list scenarios\n  autotape scenario check scenarios/*.yaml");

  auto check = std::make_shared<CheckOptions>();
  CLI::App& check_command = add_command(group, "check", "Say what is wrong with a scenario",
                                        "autotape scenario check scenarios/*.yaml");
  check_command.add_option("FILE", check->files, "Scenario files")->required();
  check_command.add_option("--set", check->settings, "Another value in the scenario; repeatable");
  run_when_chosen(check_command, chosen, [check] { return check_scenarios(*check); });

  auto folder = std::make_shared<std::string>("scenarios");
  CLI::App& list_command = add_command(group, "list", "Name the scenarios of a folder",
                                       "autotape scenario list scenarios");
  list_command.add_option("FOLDER", *folder, "Where they are")->capture_default_str();
  run_when_chosen(list_command, chosen, [folder] {
    const auto listed = list_scenarios(*folder);
    return listed ? ExitCode::passed : report_error(listed.error());
  });
}

}  // namespace autotape
