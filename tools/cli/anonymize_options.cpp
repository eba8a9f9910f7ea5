#include "cli/anonymize_options.hpp"

#include <fmt/format.h>

#include "cli/terminal.hpp"

namespace autotape {

void add_anonymize_options(CLI::App& command, AnonymizeOptions& options) {
  const std::string group = "Anonymising";
  command
      .add_option("--key-file", options.key_file,
                  "The key of the pseudonyms; made if there is none. The same key gives the same "
                  "pseudonyms")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--coordinates", options.coordinates,
                  "drop: made-up places, only equal ones stay equal; grid: the edge of a cell; "
                  "shift: each car by a distance of its own")
      ->check(CLI::IsMember({"drop", "grid", "shift"}))
      ->capture_default_str()
      ->group(group);
  command.add_option("--grid", options.grid, "Size of a cell in degrees")
      ->check(CLI::Range(CoordinateSettings::least_grid, CoordinateSettings::most_grid))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--shift-days", options.shift_days,
                  "Days by which all times move [the key chooses 5 to 104 weeks back]")
      ->type_name("DAYS")
      ->check(CLI::Range(-DateShift::most_days, DateShift::most_days))
      ->group(group);
  command
      .add_option("--keep", options.keep,
                  "Leave this as it is: a property (diagnostics.trouble_codes), a member of it "
                  "(diagnostics.trouble_codes.id), or one that the catalogue does not know; its "
                  "times are moved all the same")
      ->type_name("PATH")
      ->group(group);
}

Result<std::unique_ptr<Anonymizer>> make_anonymizer(const AnonymizeOptions& options) {
  if (options.key_file.empty()) {
    return usage_error("no key for the pseudonyms is given",
                       "name one with --key-file; it is made if it does not exist");
  }
  AnonymizeSettings settings;
  settings.coordinates = {*coordinate_mode_of(options.coordinates), options.grid};
  settings.shift_days = options.shift_days;
  AUTOTAPE_TRY_ASSIGN(Harmless harmless, Harmless::with(options.keep));
  AUTOTAPE_TRY_ASSIGN(const OpenedKey opened, open_anonymize_key(options.key_file));
  if (opened.is_new) {
    say(
        fmt::format("made the key {} in {}: only with it do other tapes get the same pseudonyms; "
                    "whoever has it can find out who is who",
                    opened.key.id, options.key_file));
  }
  return std::make_unique<Anonymizer>(opened.key, settings, std::move(harmless));
}

}  // namespace autotape
