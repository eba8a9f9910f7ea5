#include "core/stoppable_input.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace autotape {

bool StoppableInput::wait() const {
  if (!waits_) {
    return true;
  }
  std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {stop_, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
  return watched[1].revents == 0;
}

}  // namespace autotape
