// Wakes the thread that leads a run when another one has seen something happen.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/time.hpp"

namespace autotape {

class ChangeSignal {
 public:
  // Something changed that a waiter may ask for.
  void notify() {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
  }

  // Waits until `holds` is true; false when the time is over. `holds` runs in the caller's thread.
  template <typename Condition>
  bool wait_for(Duration timeout, Condition holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, holds);
  }

  // The same for what nobody notifies, such as Ctrl-C: `holds` is asked ten times a second as well.
  template <typename Condition>
  bool poll_for(Duration timeout, Condition holds) {
    constexpr Duration turn = std::chrono::milliseconds(100);
    const MonotonicTime until = monotonic_now() + timeout;
    bool held = false;
    for (Duration left = timeout; !held && left > Duration::zero();
         left = until - monotonic_now()) {
      held = wait_for(std::min(turn, left), holds);
    }
    return held || holds();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace autotape
