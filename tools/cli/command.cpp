#include "cli/command.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"

namespace autotape {
namespace {

// What a value with a unit is called in the help, and how it is written.
struct Form {
  std::string name;
  std::string syntax;
};

const Form duration_form{"DURATION", "no duration: write it like 200ms, 90s or 1h30m"};
const Form share_form{"SHARE", "no share: write it like 10% or 0.1, from 0 to 1"};

// An option that `parse` turns into its value.
template <typename Value, typename Parse>
CLI::Option* add_parsed_option(CLI::App& command, const std::string& name, Value& target,
                               const std::string& description, const Form& form, Parse parse) {
  return command
      .add_option_function<std::string>(
          name,
          [&target, name, &form, parse](const std::string& text) {
            const auto value = parse(text);
            if (!value) {
              throw CLI::ValidationError(
                  name, fmt::format("'{}' is {}", printable(text, 40), form.syntax));
            }
            target = *value;
          },
          description)
      ->type_name(form.name);
}

// "Usage: autotape test [OPTIONS] SCENARIO... [-- COMMAND...]"
class UsageWithCommand final : public CLI::Formatter {
 public:
  explicit UsageWithCommand(std::string command) : command_(std::move(command)) {}

  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = CLI::Formatter::make_usage(app, std::move(name));
    while (usage.ends_with('\n')) {
      usage.pop_back();
    }
    return usage + " " + command_ + "\n";
  }

 private:
  std::string command_;
};

}  // namespace

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.set_help_flag("--help", "Show this help");
  command.footer("Example:\n  " + example);
  return command;
}

CLI::App& add_command_group(CLI::App& parent, const std::string& name,
                            const std::string& description, const std::string& example) {
  CLI::App& group = add_command(parent, name, description, example);
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
      duration_form, parse_duration);
}

CLI::Option* add_duration_option(CLI::App& command, const std::string& name,
                                 std::optional<Duration>& target, const std::string& description) {
  return add_parsed_option(command, name, target, description, duration_form, parse_duration);
}

CLI::Option* add_share_option(CLI::App& command, const std::string& name, double& target,
                              const std::string& description) {
  return add_parsed_option(command, name, target, description, share_form, parse_share);
}

CLI::Option* add_share_option(CLI::App& command, const std::string& name,
                              std::optional<double>& target, const std::string& description) {
  return add_parsed_option(command, name, target, description, share_form, parse_share);
}

CLI::Validator at_least_one() {
  const auto check = [](std::string& text) -> std::string {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end && number > 0
               ? ""
               : fmt::format("must be a whole number, at least 1, and is '{}'",
                             printable(text, 40));
  };
  return CLI::Validator(check, "");
}

void take_consumer_command(CLI::App& command, bool required) {
  command.formatter(
      std::make_shared<UsageWithCommand>(required ? "-- COMMAND..." : "[-- COMMAND...]"));
}

bool takes_consumer_command(const CLI::App& command) {
  return std::dynamic_pointer_cast<UsageWithCommand>(command.get_formatter()) != nullptr;
}

}  // namespace autotape
