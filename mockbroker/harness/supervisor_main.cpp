// The supervisor as a process: the hidden command of the program.
#include <fcntl.h>
#include <unistd.h>

#include "mockbroker/harness/control.hpp"
#include "mockbroker/harness/supervisor.hpp"

namespace autotape {

int run_supervisor() {
  // Away from whoever started it: it waits for this process, not for the supervisor.
  if (const pid_t child = ::fork(); child != 0) {
    ::_exit(child > 0 ? 0 : 1);
  }
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(nothing, standard);
  }
  ::fcntl(start_descriptor, F_SETFD, FD_CLOEXEC);
  ::close_range(start_descriptor + 1, ~0U, 0);

  const auto request = receive_json(start_descriptor, "settings");
  if (!request) {
    return 1;
  }
  auto settings = settings_from_json(*request, "settings");
  auto supervisor = settings ? Supervisor::start(*std::move(settings))
                             : Result<std::unique_ptr<Supervisor>>(settings.error());
  send_json(start_descriptor,
            supervisor ? (*supervisor)->description() : error_to_json(supervisor.error()));
  ::close(start_descriptor);
  if (!supervisor) {
    return 1;
  }
  (*supervisor)->serve();
  return 0;
}

}  // namespace autotape
