// autotape tape: everything that is done with tapes on disk.
#include "cli/command_tape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/terminal.hpp"

namespace autotape {

void add_tape_commands(CLI::App& program, Action& chosen) {
  CLI::App& group = add_command_group(
      program, "tape", "Look at tapes and work on them",
      "autotape tape info tape.mcap\n  autotape tape filter tape.mcap --from 1min -o late.mcap");
  add_tape_info_command(group, chosen);
  add_tape_cat_command(group, chosen);
  add_tape_convert_command(group, chosen);
  add_tape_filter_command(group, chosen);
  add_tape_merge_command(group, chosen);
  add_tape_sort_command(group, chosen);
  add_tape_recover_command(group, chosen);
  add_tape_compare_command(group, chosen);
  add_tape_import_command(group, chosen);
}

CLI::Option* add_tape_argument(CLI::App& command, std::string& path) {
  return command.add_option("tape", path, "The tape; - for standard input")
      ->type_name("TAPE")
      ->required();
}

ExitCode report_damage(const std::string& path, const TapeDamage& damage) {
  if (!damage.any()) {
    return ExitCode::passed;
  }
  constexpr std::size_t most_places = 20;
  for (std::size_t i = 0; i < std::min(most_places, damage.places.size()); ++i) {
    const DamagedPlace& place = damage.places[i];
    say(fmt::format("{}@{}: {}{}", path, place.offset, place.what,
                    place.bytes > 0 ? fmt::format(" ({} bytes)", place.bytes) : ""));
  }
  for (const std::string& line : describe_damage(damage)) {
    say(fmt::format("{}: {}", path, line));
  }
  return ExitCode::loss;
}

Json damage_json(const TapeDamage& damage) {
  Json json;
  json["skipped_bytes"] = damage.skipped_bytes;
  json["torn_bytes"] = damage.torn_bytes;
  json["bad_chunks"] = damage.bad_chunks;
  json["end_missing"] = damage.no_end;
  json["places"] = Json::array();
  for (const DamagedPlace& place : damage.places) {
    json["places"].push_back(
        {{"offset", place.offset}, {"bytes", place.bytes}, {"what", place.what}});
  }
  return json;
}

ExitCode report_empty(const std::string& path, std::uint64_t messages) {
  if (messages > 0) {
    return ExitCode::passed;
  }
  say(fmt::format("{}: the tape is empty", path));
  return ExitCode::loss;
}

}  // namespace autotape
