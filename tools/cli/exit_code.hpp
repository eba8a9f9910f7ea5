// What the program's exit code says. The one table of it; `autotape --help` prints it.
#pragma once

#include <array>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

enum class ExitCode : int {
  passed = 0,
  internal = 1,
  usage = 2,
  loss = 3,
  check_failed = 4,
  file = 5,
  connection = 6,
  inconclusive = 7,
  interrupted_twice = 130,
};

struct ExitCodeMeaning {
  ExitCode code;
  std::string_view meaning;
};

inline constexpr std::array<ExitCodeMeaning, 9> exit_code_table{{
    {ExitCode::passed, "passed"},
    {ExitCode::internal, "internal error"},
    {ExitCode::usage, "wrong usage or scenario"},
    {ExitCode::loss, "finished, but something was lost or skipped (and is listed)"},
    {ExitCode::check_failed, "a check failed: validation or verification"},
    {ExitCode::file, "a file cannot be read or written"},
    {ExitCode::connection, "connection, TLS, or the broker refused"},
    {ExitCode::inconclusive, "inconclusive: a check that was asked for was not exercised"},
    {ExitCode::interrupted_twice, "interrupted twice"},
}};

ExitCode exit_code_of(ErrorKind kind);

// Where several apply, the one to give: the first of 1, 2, 5, 6, 4, 7, 3, 0.
ExitCode graver(ExitCode a, ExitCode b);

}  // namespace autotape
