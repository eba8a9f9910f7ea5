#include "mockbroker/harness/process_end.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace autotape;

TEST_CASE(
    "the end of a process is waited for, also before its parent has asked for its exit code") {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto end = ProcessEnd::of(child);
  REQUIRE(end);
  CHECK_FALSE(end->wait(std::chrono::milliseconds(1)));
  ::kill(child, SIGKILL);
  CHECK(end->wait(std::chrono::seconds(10)));
  ::waitpid(child, nullptr, 0);
  CHECK(end->wait(Duration::zero()));
  CHECK_FALSE(ProcessEnd::of(child));
}
