#include "cli/exit_code.hpp"

#include <algorithm>

namespace autotape {

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::file:
      return ExitCode::file;
    case ErrorKind::connection:
      return ExitCode::connection;
    case ErrorKind::internal:
      break;
  }
  return ExitCode::internal;
}

ExitCode graver(ExitCode a, ExitCode b) {
  constexpr std::array order{ExitCode::interrupted_twice,
                             ExitCode::internal,
                             ExitCode::usage,
                             ExitCode::file,
                             ExitCode::connection,
                             ExitCode::check_failed,
                             ExitCode::inconclusive,
                             ExitCode::loss,
                             ExitCode::passed};
  return *std::find_if(order.begin(), order.end(),
                       [&](ExitCode code) { return code == a || code == b; });
}

}  // namespace autotape
