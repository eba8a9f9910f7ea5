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

// A batch goes through three steps. Batches are read in order on a thread of its own, worked on by
// any of `threads` others, and finished in order on the calling one. At most `threads` × 8 batches
// exist, whose memory is used again.
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

// How far each batch is. They are numbered as they are read; the number tells the slot.
class Progress {
 public:
  explicit Progress(std::size_t slots) : worked_on_(slots, false) {}

  // Of the reader: is there, or will there be, a slot for one more?
  bool wait_for_slot() {
    std::unique_lock lock(mutex_);
    slot_free_.wait(lock, [&] { return read_ - finished_ < worked_on_.size() || stopped_; });
    return !stopped_;
  }
  void set_read() {
    {
      const std::lock_guard lock(mutex_);
      ++read_;
    }
    work_.notify_one();
  }
  void set_all_read() {
    {
      const std::lock_guard lock(mutex_);
      all_read_ = true;
    }
    work_.notify_all();
    worked_.notify_one();
  }

  // Of a worker: the next batch to work on, or nothing at the end.
  std::optional<std::size_t> take() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [&] { return taken_ < read_ || all_read_ || stopped_; });
    return taken_ < read_ && !stopped_ ? std::optional(taken_++) : std::nullopt;
  }
  void set_worked_on(std::size_t number) {
    bool awaited = false;
    {
      const std::lock_guard lock(mutex_);
      worked_on_[number % worked_on_.size()] = true;
      awaited = number == finished_;
    }
    if (awaited) {
      worked_.notify_one();
    }
  }

  // Of the finisher: the next batch to finish, or nothing at the end.
  std::optional<std::size_t> wait_for_worked_on() {
    std::unique_lock lock(mutex_);
    const std::size_t slot = finished_ % worked_on_.size();
    worked_.wait(lock, [&] { return worked_on_[slot] || (all_read_ && finished_ == read_); });
    return worked_on_[slot] ? std::optional(finished_) : std::nullopt;
  }
  void set_finished() {
    {
      const std::lock_guard lock(mutex_);
      worked_on_[finished_ % worked_on_.size()] = false;
      ++finished_;
    }
    slot_free_.notify_one();
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    slot_free_.notify_one();
    work_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable slot_free_;
  std::condition_variable work_;
  std::condition_variable worked_;
  std::vector<bool> worked_on_;  // by slot: waits to be finished
  std::size_t read_ = 0;         // batches
  std::size_t taken_ = 0;
  std::size_t finished_ = 0;
  bool all_read_ = false;
  bool stopped_ = false;
};

template <typename Batch>
Result<void> run_on_this_thread(const PipelineSteps<Batch>& steps) {
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

}  // namespace pipeline

template <typename Batch>
Result<void> run_pipeline(unsigned threads, const PipelineSteps<Batch>& steps) {
  if (threads <= 1) {
    return pipeline::run_on_this_thread(steps);
  }
  std::vector<Batch> batches(std::size_t{threads} * 8);
  pipeline::Progress progress(batches.size());
  std::vector<std::thread> workers;
  for (unsigned thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&, thread] {
      while (const auto number = progress.take()) {
        steps.work(thread, batches[*number % batches.size()]);
        progress.set_worked_on(*number);
      }
    });
  }
  Result<void> all_read;
  std::thread reader([&] {
    for (std::size_t number = 0; progress.wait_for_slot(); ++number) {
      const auto more = steps.read(batches[number % batches.size()]);
      if (!more || !*more) {
        all_read = more ? Result<void>() : Result<void>(more.error());
        break;
      }
      progress.set_read();
    }
    progress.set_all_read();
  });

  Result<void> finished;
  while (finished) {
    const auto number = progress.wait_for_worked_on();
    if (!number) {
      break;
    }
    finished = steps.finish(batches[*number % batches.size()]);
    progress.set_finished();
  }
  progress.stop();
  reader.join();
  for (std::thread& worker : workers) {
    worker.join();
  }
  return finished ? all_read : finished;
}

}  // namespace autotape
