// The commands of `autotape tape`, each in its own file, and what they all say at the end.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "json/document.hpp"
#include "tape/reader.hpp"

namespace autotape {

void add_tape_info_command(CLI::App& group, Action& chosen);
void add_tape_cat_command(CLI::App& group, Action& chosen);
void add_tape_convert_command(CLI::App& group, Action& chosen);
void add_tape_filter_command(CLI::App& group, Action& chosen);
void add_tape_merge_command(CLI::App& group, Action& chosen);
void add_tape_sort_command(CLI::App& group, Action& chosen);
void add_tape_recover_command(CLI::App& group, Action& chosen);
void add_tape_compare_command(CLI::App& group, Action& chosen);
void add_tape_import_command(CLI::App& group, Action& chosen);

CLI::Option* add_tape_argument(CLI::App& command, std::string& path);

// Says what the reader of `path` left out or found changed, if anything: then the exit code is
// `loss`.
ExitCode report_damage(const std::string& path, const TapeDamage& damage);

// For machines: bytes, and the places that are damaged.
Json damage_json(const TapeDamage& damage);

// The same for a tape without messages: nothing that could be looked at is not a success.
ExitCode report_empty(const std::string& path, std::uint64_t messages);

}  // namespace autotape
