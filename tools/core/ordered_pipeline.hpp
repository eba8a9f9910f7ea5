// Work on a stream with several threads, and its results in the stream's order.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/result.hpp"

namespace autotape {

// A batch goes through three steps. Reading and finishing happen on the calling thread, batch by
// batch in order; working on any thread. At most `threads` × 4 batches exist, whose memory is used
// again.
template <typename Batch>
struct PipelineSteps {
  std::function<Result<bool>(Batch&)> read;           // false at the end of the stream
  std::function<void(unsigned thread, Batch&)> work;  // `thread` counts from 0
  std::function<Result<void>(Batch&)> finish;
};

// Returns when all that was read is finished, also if reading more failed. After an error of
// `finish` nothing more is read or finished. With one thread everything happens on the calling one.
template <typename Batch>
Result<void> run_pipeline(unsigned threads, const PipelineSteps<Batch>& steps);

// Implementation

namespace pipeline {

// What waits for a worker, and who is done.
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t slots) : done_(slots, true) {}

  void push(std::size_t slot) {
    {
      const std::lock_guard lock(mutex_);
      done_[slot] = false;
      ++pushed_;
    }
    work_or_end_.notify_one();
  }

  // The next batch's number, or nothing at the end.
  std::optional<std::size_t> take() {
    std::unique_lock lock(mutex_);
    work_or_end_.wait(lock, [&] { return taken_ < pushed_ || ended_; });
    return taken_ < pushed_ ? std::optional(taken_++) : std::nullopt;
  }

  void set_done(std::size_t slot) {
    bool awaited = false;
    {
      const std::lock_guard lock(mutex_);
      done_[slot] = true;
      awaited = awaited_ == slot;
    }
    if (awaited) {
      awaited_done_.notify_one();
    }
  }

  void wait_done(std::size_t slot) {
    std::unique_lock lock(mutex_);
    awaited_ = slot;
    awaited_done_.wait(lock, [&] { return done_[slot]; });
    awaited_.reset();
  }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    work_or_end_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable work_or_end_;
  std::condition_variable awaited_done_;
  std::vector<bool> done_;
  std::optional<std::size_t> awaited_;  // slot
  std::size_t pushed_ = 0;              // batches, numbered as they are read
  std::size_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace pipeline

template <typename Batch>
Result<void> run_pipeline(unsigned threads, const PipelineSteps<Batch>& steps) {
  if (threads <= 1) {
    Batch batch;
    while (true) {
      AUTOTAPE_TRY_ASSIGN(const bool more, steps.read(batch));
      if (!more) {
        return {};
      }
      steps.work(0, batch);
      AUTOTAPE_TRY(steps.finish(batch));
    }
  }

  std::vector<Batch> batches(std::size_t{threads} * 4);
  pipeline::WorkQueue queue(batches.size());
  std::vector<std::jthread> workers;
  for (unsigned thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&, thread] {
      while (const auto number = queue.take()) {
        const std::size_t slot = *number % batches.size();
        steps.work(thread, batches[slot]);
        queue.set_done(slot);
      }
    });
  }

  std::size_t read = 0;
  std::size_t finished = 0;
  const auto finish_next = [&] {
    const std::size_t slot = finished++ % batches.size();
    queue.wait_done(slot);
    return steps.finish(batches[slot]);
  };
  // Half of them at once: being woken for each batch would take a core from the workers as often.
  const auto finish_half = [&]() -> Result<void> {
    const std::size_t half = finished + batches.size() / 2;
    queue.wait_done((half - 1) % batches.size());
    while (finished < half) {
      AUTOTAPE_TRY(finish_next());
    }
    return {};
  };
  const auto run = [&]() -> Result<void> {
    Result<bool> more = true;
    while (true) {
      if (read - finished == batches.size()) {
        AUTOTAPE_TRY(finish_half());
      }
      const std::size_t slot = read % batches.size();
      more = steps.read(batches[slot]);
      if (!more || !*more) {
        break;
      }
      ++read;
      queue.push(slot);
    }
    while (finished < read) {
      AUTOTAPE_TRY(finish_next());
    }
    return more ? Result<void>() : Result<void>(more.error());
  };
  const Result<void> result = run();
  queue.end();
  return result;
}

}  // namespace autotape
