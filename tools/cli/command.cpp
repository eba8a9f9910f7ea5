#include "cli/command.hpp"

#include <fmt/format.h>

#include "core/quantity.hpp"

namespace autotape {
namespace {

// An option that `parse` turns into its value.
template <typename Value, typename Parse>
CLI::Option* add_parsed_option(CLI::App& command, const std::string& name, Value& target,
                               const std::string& description, const std::string& form,
                               Parse parse) {
  return command
      .add_option_function<std::string>(
          name,
          [&target, name, form, parse](const std::string& text) {
            const auto value = parse(text);
            if (!value) {
              throw CLI::ValidationError(name, "'" + text + "' is no " + form);
            }
            target = *value;
          },
          description)
      ->type_name(form);
}

}  // namespace

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.set_help_flag("--help", "Show this help");
  command.footer("Example:\n  " + example);
  return command;
}

CLI::App& add_command_group(CLI::App& parent, const std::string& name,
                            const std::string& description) {
  CLI::App& group = *parent.add_subcommand(name, description);
  group.set_help_flag("--help", "Show this help");
  group.require_subcommand(1);
  return group;
}

void run_when_chosen(CLI::App& command, Action& chosen, Action action) {
  command.callback([&chosen, action = std::move(action)] { chosen = action; });
}

CLI::Option* add_duration_option(CLI::App& command, const std::string& name, Duration& target,
                                 const std::string& description) {
  const bool says_default = target == Duration::zero() || description.ends_with(']');
  return add_parsed_option(
      command, name, target,
      says_default ? description : fmt::format("{} [{}]", description, format_duration(target)),
      "DURATION", parse_duration);
}

CLI::Option* add_share_option(CLI::App& command, const std::string& name, double& target,
                              const std::string& description) {
  return add_parsed_option(command, name, target, description, "SHARE", parse_share);
}

}  // namespace autotape
