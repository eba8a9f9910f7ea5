// The guard between us and a child: see child_process.hpp. Runs after fork() and never returns.
#pragma once

#include <cstdint>

namespace autotape {

// Everything that guard and child need, made before fork(): behind it only async-signal-safe calls
// are allowed, since other threads may have held any lock.
struct GuardTask {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int lifeline;  // read end
  int status;    // write end: GuardReport, one after the other
  int output;    // write ends
  int errors;
};

enum class GuardEvent : std::int32_t {
  started,      // value: process id
  not_started,  // value: errno of exec
  ended,        // value: as of waitpid(2)
};

struct GuardReport {
  GuardEvent event;
  std::int32_t value;
};

[[noreturn]] void run_guard(const GuardTask& task);

}  // namespace autotape
