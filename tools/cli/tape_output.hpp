// The tape that a command makes of others, and what is said of it.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "core/result.hpp"
#include "json/document.hpp"
#include "tape/edit/tape_copy.hpp"
#include "tape/tape.hpp"

namespace autotape {

struct TapeOutput {
  std::string path;
  bool force = false;
  bool json = false;
};

// -o (required), --force, --json.
void add_tape_output_options(CLI::App& command, TapeOutput& output);

struct MadeTape {
  CopyCounts counts;
  std::uint64_t bytes = 0;
  bool interrupted = false;  // by Ctrl-C: there is no tape
};

enum class EmptyTape { made, refused };

// Copies `from` to a new tape with this header. Shows progress. The tape is there when it is whole;
// after an error or an interrupt it is not. Only its owner may read it if it is raw.
Result<MadeTape> make_tape(TapeReader& from, const TapeHeader& header, const TapeOutput& output,
                           CopyRules rules = {}, EmptyTape empty = EmptyTape::made);

// What was read, written and dropped, or that it was interrupted: a line for people, an object with
// --json. Gives the exit code of that alone. Of an interrupted one there is nothing more to say.
ExitCode report_made_tape(const MadeTape& made, const TapeOutput& output,
                          Json more = Json::object());

}  // namespace autotape
