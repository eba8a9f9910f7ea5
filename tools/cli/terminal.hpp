// What a person sees: lines on standard error, and progress where it is a terminal.
#pragma once

#include <string>
#include <string_view>

#include "cli/exit_code.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace autotape {

// "autotape: error: where: what (advice)" on standard error; gives the exit code of the error's
// kind.
ExitCode report_error(const Error& error);

// "autotape: text" on standard error.
void say(std::string_view text);

// One line that is written again and again on a terminal, and nothing anywhere else.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // clears the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Is it worth making a new text? At most ten times a second, never where nobody looks.
  bool due();
  void show(std::string_view text);
  void clear();

 private:
  bool on_terminal_;
  bool shown_ = false;
  MonotonicTime next_;
};

// Writes to standard output; what does not arrive there is an error, not silence. But a reader that
// has closed the pipe (`| head`) wants no more: the rest goes nowhere, and the command does what
// else it has to do.
Result<void> print(std::string_view text);

// Has the reader gone? A command that does nothing but print ends then.
bool output_is_closed();

// Call at the end: standard output's buffer is written.
Result<void> finish_output();

}  // namespace autotape
