#include "mockbroker/harness/process_end.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace autotape {

Result<ProcessEnd> ProcessEnd::of(pid_t pid) {
  // As a system call: <sys/pidfd.h> of glibc 2.36 is not for C++.
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) {
    return usage_error(fmt::format("there is no process {}: {}", pid, std::strerror(errno)));
  }
  return ProcessEnd(descriptor);
}

ProcessEnd::ProcessEnd(ProcessEnd&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ProcessEnd& ProcessEnd::operator=(ProcessEnd&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ProcessEnd::~ProcessEnd() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

bool ProcessEnd::wait(Duration timeout) const {
  const MonotonicTime deadline = monotonic_now() + timeout;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - monotonic_now()).count();
    pollfd watched{descriptor_, POLLIN, 0};
    const int count = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (count > 0 || (count == 0 && left <= 0)) {
      return count > 0;
    }
  }
}

}  // namespace autotape
