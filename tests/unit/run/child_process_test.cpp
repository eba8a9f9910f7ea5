#include "run/child_process.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace autotape;

namespace {

constexpr Duration long_enough = std::chrono::seconds(20);

Result<ChildProcess> shell(const std::string& script) {
  return ChildProcess::start({{"sh", "-c", script}, {{"AUTOTAPE_TEST", "a value"}}});
}

// What the child wrote until it closed the pipe, or until `until` was in it.
std::string read_all(int descriptor, const std::string& until = {}) {
  std::string text;
  while (until.empty() || text.find(until) == std::string::npos) {
    pollfd waiting{descriptor, POLLIN, 0};
    if (::poll(&waiting, 1, 20000) <= 0) {
      return text + "(timeout)";
    }
    char block[4096];
    const ssize_t count = ::read(descriptor, block, sizeof block);
    if (count <= 0) {
      break;
    }
    text.append(block, static_cast<std::size_t>(count));
  }
  return text;
}

// Waits until the process is gone. It is not ours to wait for, so its pidfd would not help either:
// the pipe that it alone holds open does.
bool closes_within(int descriptor) {
  pollfd waiting{descriptor, 0, 0};
  return ::poll(&waiting, 1, 20000) == 1 && (waiting.revents & POLLHUP) != 0;
}

// Waits until the process has been stopped.
bool is_stopped(pid_t pid) {
  for (int i = 0; i < 20000; ++i) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string stat;
    std::getline(file, stat);
    if (stat.find(") T ") != std::string::npos) {
      return true;
    }
    ::usleep(1000);
  }
  return false;
}

}  // namespace

TEST_CASE("A child has its arguments, its environment, an empty input, and two outputs") {
  auto child = shell("echo \"$AUTOTAPE_TEST\"; cat; echo wrong >&2; exit 3");
  REQUIRE(child.ok());
  CHECK(read_all(child->output()) == "a value\n");
  CHECK(read_all(child->errors()) == "wrong\n");
  const auto end = child->ended(long_enough);
  REQUIRE(end);
  CHECK(end->exit_code == 3);
  CHECK_FALSE(end->succeeded());
  CHECK(end->description() == "exited with 3");
}

TEST_CASE("A program that is not there, or is none, is a usage error") {
  for (const char* program : {"no-such-program-of-ours", "/no/such/program", "/etc/passwd", "/"}) {
    CAPTURE(program);
    const auto child = ChildProcess::start({{program}, {}});
    REQUIRE_FALSE(child.ok());
    CHECK(child.error().kind == ErrorKind::usage);
  }
  CHECK_FALSE(ChildProcess::start({}).ok());
}

TEST_CASE("A child that is told to stop may clean up") {
  auto child = shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
  REQUIRE(child.ok());
  REQUIRE(read_all(child->output(), "ready\n") == "ready\n");
  CHECK(child->stop(long_enough).succeeded());
  CHECK(read_all(child->output()) == "bye\n");
}

TEST_CASE("A child that does not stop is killed, and so is a stopped one") {
  auto stubborn = shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  REQUIRE(stubborn.ok());
  REQUIRE(read_all(stubborn->output(), "ready\n") == "ready\n");
  CHECK(stubborn->stop(std::chrono::milliseconds(50)).signal == SIGKILL);

  auto frozen = shell("echo ready; kill -STOP $$");
  REQUIRE(frozen.ok());
  REQUIRE(read_all(frozen->output(), "ready\n") == "ready\n");
  REQUIRE(is_stopped(frozen->pid()));
  CHECK(frozen->stop(long_enough).signal == SIGTERM);
}

TEST_CASE("What a child leaves behind ends with it, also from a session of its own") {
  auto child = shell("setsid sleep 1000 & sleep 1000 & echo started");
  REQUIRE(child.ok());
  CHECK(read_all(child->output(), "started\n") == "started\n");
  REQUIRE(child->ended(long_enough));
  CHECK(closes_within(child->output()));
}

TEST_CASE("A child and all that it started end when we are killed") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    ::close(ends[0]);
    auto child =
        ChildProcess::start({{"sh", "-c", "setsid sleep 1000 & echo ready; sleep 1000"}, {}});
    read_all(child->output(), "ready\n");
    // Whoever holds the output's write end is the child and what it started.
    const std::string pid = std::to_string(child->pid());
    [[maybe_unused]] const ssize_t written = ::write(ends[1], pid.data(), pid.size());
    ::raise(SIGKILL);
  }
  ::close(ends[1]);
  const std::string pid = read_all(ends[0]);
  ::waitpid(owner, nullptr, 0);
  ::close(ends[0]);
  REQUIRE(std::atoi(pid.c_str()) > 0);
  // Adopted by init or by whoever reaps here: gone, or a zombie at most.
  for (int i = 0; i < 2000; ++i) {
    std::ifstream status("/proc/" + pid + "/stat");
    std::string text;
    std::getline(status, text);
    if (!status || text.find(") Z") != std::string::npos) {
      return;
    }
    ::poll(nullptr, 0, 10);
  }
  FAIL("the child outlived its owner");
}

TEST_CASE("A hundred children one after the other leave no descriptor and no zombie behind") {
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    auto child = ChildProcess::start({{"true"}, {}});
    REQUIRE(child.ok());
    child->ended(long_enough);
  }
  CHECK(open_descriptors() == before);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}
