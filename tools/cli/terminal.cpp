#include "cli/terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

namespace autotape {
namespace {

using namespace std::chrono_literals;

Error output_error() {
  return file_error("standard output", fmt::format("cannot write: {}", std::strerror(errno)));
}

}  // namespace

ExitCode report_error(const Error& error) {
  fmt::print(stderr, "autotape: error: {}\n", error.line());
  return exit_code_of(error.kind);
}

void say(std::string_view text) {
  fmt::print(stderr, "autotape: {}\n", text);
}

ProgressLine::ProgressLine() : on_terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  clear();
}

bool ProgressLine::due() {
  if (!on_terminal_) {
    return false;
  }
  const MonotonicTime now = monotonic_now();
  if (now < next_) {
    return false;
  }
  next_ = now + 100ms;
  return true;
}

void ProgressLine::show(std::string_view text) {
  if (on_terminal_) {
    fmt::print(stderr, "\r\x1B[K{}", text);
    shown_ = true;
  }
}

void ProgressLine::clear() {
  if (shown_) {
    fmt::print(stderr, "\r\x1B[K");
    shown_ = false;
  }
}

Result<void> print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    return output_error();
  }
  return {};
}

Result<void> finish_output() {
  if (std::fflush(stdout) != 0) {
    return output_error();
  }
  return {};
}

}  // namespace autotape
