// Waiting for a process to end, whoever's child it is.
#pragma once

#include <sys/types.h>

#include "core/result.hpp"
#include "core/time.hpp"

namespace autotape {

// One process, named by a descriptor: its number may go to another one, this does not.
class ProcessEnd {
 public:
  // An error if there is no such process.
  static Result<ProcessEnd> of(pid_t pid);

  ProcessEnd(ProcessEnd&& other) noexcept;
  ProcessEnd& operator=(ProcessEnd&& other) noexcept;
  ~ProcessEnd();

  // Readable for poll(2) when the process has ended, also if its parent has not yet asked for its
  // exit code.
  int descriptor() const { return descriptor_; }

  // False if it is still there when the time is over.
  bool wait(Duration timeout) const;

 private:
  explicit ProcessEnd(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace autotape
