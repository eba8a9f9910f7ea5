#include "cli/terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace autotape {
namespace {

using namespace std::chrono_literals;

bool output_closed = false;

Result<void> output_failed() {
  if (errno == EPIPE) {
    output_closed = true;
    return {};
  }
  return file_error("standard output", fmt::format("cannot write: {}", std::strerror(errno)));
}

// As much as one line holds: what wraps could not be wiped away.
std::string_view fitting(std::string_view text) {
  winsize window{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) {
    return text;
  }
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    columns += begins_character ? 1U : 0U;
    if (columns >= window.ws_col) {
      return text.substr(0, i);
    }
  }
  return text;
}

// fmt::print() throws where standard error is closed or its disk full, and what is said must not
// end what is done: a recording, say.
void print_message(const std::string& text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

}  // namespace

ExitCode report_error(const Error& error) {
  print_message(fmt::format("autotape: error: {}\n", error.line()));
  return exit_code_of(error.kind);
}

void say(std::string_view text) {
  print_message(fmt::format("autotape: {}\n", text));
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
    print_message(fmt::format("\r\x1B[K{}", fitting(text)));
    shown_ = true;
  }
}

void ProgressLine::clear() {
  if (shown_) {
    print_message("\r\x1B[K");
    shown_ = false;
  }
}

Result<void> print(std::string_view text) {
  if (!output_closed && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    return output_failed();
  }
  return {};
}

Result<void> finish_output() {
  if (!output_closed && std::fflush(stdout) != 0) {
    return output_failed();
  }
  return {};
}

bool output_is_closed() {
  return output_closed;
}

}  // namespace autotape
