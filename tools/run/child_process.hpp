// A program that we start and that never outlives us.
//
// Between us and the child stands a guard, a small process of ours: it owns the child's process
// group, adopts whatever the child leaves behind, and kills all of it when we ask or when we die,
// however we die. Nothing of it becomes a zombie of ours.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "core/result.hpp"
#include "core/time.hpp"

namespace autotape {

struct ChildSettings {
  std::vector<std::string> command;  // program, looked up in PATH, and its arguments
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours, or in place of it
};

// How a child ended: by itself, or by a signal.
struct ChildEnd {
  int exit_code = 0;
  int signal = 0;  // 0: it exited

  bool succeeded() const { return signal == 0 && exit_code == 0; }
  std::string description()
      const;  // "exited with 3", "was killed by signal 11 (Segmentation fault)"
};

// Not thread-safe, but for signal().
class ChildProcess {
 public:
  // Returns when the program runs; fails if it cannot be executed. Its standard input is empty.
  static Result<ChildProcess> start(const ChildSettings& settings);

  // Kills what is left.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  pid_t pid() const { return pid_; }

  // Non-blocking read ends, to be polled and read by the caller: what the child writes.
  int output() const { return output_; }
  int errors() const { return errors_; }

  // Becomes readable when the child has ended; ask ended() then.
  int end_descriptor() const { return status_; }

  // How it ended; nothing while it runs, or if nothing came within `timeout`.
  std::optional<ChildEnd> ended(Duration timeout = {});

  // To the child's process group. Fine if it is gone already.
  void signal(int number) const;

  // SIGTERM, once: a second one often means to end at once.
  void ask_to_end();

  // ask_to_end(), and SIGKILL if that has not ended it within `grace`. Returns when all that it
  // started is gone too.
  ChildEnd stop(Duration grace);

  // SIGKILL at once.
  ChildEnd kill();

 private:
  ChildProcess() = default;
  void wait_until_gone();
  void close_descriptors();

  pid_t guard_ = -1;
  pid_t pid_ = -1;
  int lifeline_ = -1;  // the guard kills everything when it closes; a byte is a signal to send
  int status_ = -1;
  int output_ = -1;
  int errors_ = -1;
  bool asked_to_end_ = false;
  std::optional<ChildEnd> end_;
};

}  // namespace autotape
