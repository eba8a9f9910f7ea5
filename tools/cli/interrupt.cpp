#include "cli/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace autotape {
namespace {

std::atomic<bool> flag{false};
std::atomic<int> descriptor{-1};

extern "C" void on_interrupt(int) {
  if (flag.exchange(true)) {
    ::_exit(130);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(descriptor, &one, sizeof one);
}

}  // namespace

void catch_interrupts() {
  descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // Writing to a closed pipe or beyond a file size limit shall be an error, not a silent end.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() {
  return flag;
}

int interrupt_descriptor() {
  return descriptor;
}

}  // namespace autotape
