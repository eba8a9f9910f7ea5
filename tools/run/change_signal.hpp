// Wakes the thread that leads a run when another one has seen something happen.
#pragma once

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

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace autotape
