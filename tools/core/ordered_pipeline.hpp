// Work on a stream with several threads, and its results in the stream's order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/result.hpp"

namespace autotape {

// A batch goes through three steps, each on any of the threads, of which the calling one is the
// first: batches are read in order and one at a time, worked on side by side, and finished in order
// and one at a time. At most `threads` × 4 batches exist, whose memory is used again.
template <typename Batch>
struct PipelineSteps {
  std::function<Result<bool>(Batch&)> read;           // false at the end of the stream
  std::function<void(unsigned thread, Batch&)> work;  // `thread` counts from 0
  std::function<Result<void>(Batch&)> finish;
};

// What each thread has of its own should begin so far from what another one has: a line of the
// cache that two threads write to costs more than all the rest of the pipeline (processors fetch
// two).
inline constexpr std::size_t two_cache_lines = 128;

// Returns when all that was read is finished, also if reading more failed. After an error of
// `finish` nothing more is read or finished. With one thread everything happens on the calling one.
template <typename Batch>
Result<void> run_pipeline(unsigned threads, const PipelineSteps<Batch>& steps);

// Implementation

namespace pipeline {

// What the threads do next. Batches are numbered as they are read; the number tells the slot.
//
// Each thread does whatever step is next: as many threads as processors then suffice, and they
// seldom wait for or wake each other, which would cost more than the hand-over of a batch. Reading
// goes first until three quarters of the batches wait to be worked on, so that a read that takes
// longer than others (the next chunk of an MCAP) leaves nobody without work.
class Schedule {
 public:
  explicit Schedule(std::size_t slots) : worked_on_(slots, false) {}

  enum class Step { read, work, finish, end };
  struct Task {
    Step step = Step::end;
    std::size_t number = 0;  // of the batch
  };

  // Waits until there is something to do, or will not be.
  Task next();

  // What came of a task. Neither is called after Step::end.
  void set_read(bool more);
  void set_worked_on(std::size_t number);
  void set_finished(bool go_on);

 private:
  Task choose();
  bool at_end() const { return stopped_ || (all_read_ && finished_ == read_); }
  void wake_others();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> worked_on_;  // by slot: waits to be finished, or is being finished
  std::size_t read_ = 0;         // batches
  std::size_t taken_ = 0;        // to be worked on
  std::size_t finished_ = 0;
  unsigned waiting_ = 0;  // threads
  bool reading_ = false;
  bool finishing_ = false;
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
  using pipeline::Schedule;
  if (threads <= 1) {
    return pipeline::run_on_this_thread(steps);
  }
  struct alignas(two_cache_lines) Slot {
    Batch batch;
  };
  std::vector<Slot> batches(std::size_t{threads} * 4);
  Schedule schedule(batches.size());
  Result<void> all_read;  // each set by one thread at a time
  Result<void> all_finished;
  const auto run = [&](unsigned thread) {
    for (auto task = schedule.next(); task.step != Schedule::Step::end; task = schedule.next()) {
      Batch& batch = batches[task.number % batches.size()].batch;
      if (task.step == Schedule::Step::read) {
        const auto more = steps.read(batch);
        all_read = more ? Result<void>() : Result<void>(more.error());
        schedule.set_read(more && *more);
      } else if (task.step == Schedule::Step::work) {
        steps.work(thread, batch);
        schedule.set_worked_on(task.number);
      } else {
        all_finished = steps.finish(batch);
        schedule.set_finished(all_finished.ok());
      }
    }
  };
  std::vector<std::thread> others;
  try {
    for (unsigned thread = 1; thread < threads; ++thread) {
      others.emplace_back(run, thread);
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are do it all.
  }
  run(0);
  for (std::thread& other : others) {
    other.join();
  }
  return all_finished ? all_read : all_finished;
}

}  // namespace autotape
