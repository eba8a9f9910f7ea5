// Makes the items of a stream ahead, in a thread of its own, so that whoever takes them need not
// wait for them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace autotape {

// The same items in the same order. At most `batch_size` × `most_batches` of them are made ahead;
// their memory is used again.
template <typename Item>
class ReadAhead {
 public:
  static constexpr std::size_t batch_size = 256;
  static constexpr std::size_t most_batches = 8;

  // Runs in the inner thread only. Puts the next item into its argument, which may hold an old one;
  // false at the end.
  using Make = std::function<Result<bool>(Item&)>;

  explicit ReadAhead(Make make) : make_(std::move(make)), thread_([this] { run(); }) {}
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // The next item, to be used or moved from until the next call; null at the end. An error comes
  // after the items that were made before it.
  Result<Item*> next();

 private:
  struct Batch {
    std::vector<Item> items = std::vector<Item>(batch_size);
    std::size_t count = 0;
  };

  void run();
  std::optional<Batch> take_empty();
  void offer(Batch batch);

  Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> full_;                   // guarded by mutex_
  std::vector<Batch> empty_;                 // guarded by mutex_
  std::size_t batches_left_ = most_batches;  // guarded by mutex_: that may still be made
  std::optional<Error> failure_;             // guarded by mutex_
  bool ended_ = false;                       // guarded by mutex_
  bool abandoned_ = false;                   // guarded by mutex_

  std::optional<Batch> current_;
  std::size_t given_ = 0;
  std::thread thread_;
};

template <typename Item>
ReadAhead<Item>::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

template <typename Item>
Result<Item*> ReadAhead<Item>::next() {
  if (!current_ || given_ == current_->count) {
    std::unique_lock lock(mutex_);
    if (current_) {
      empty_.push_back(std::move(*current_));
      current_.reset();
      changed_.notify_all();
    }
    changed_.wait(lock, [this] { return !full_.empty() || ended_; });
    if (full_.empty()) {
      return failure_ ? Result<Item*>(*failure_) : Result<Item*>(nullptr);
    }
    current_ = std::move(full_.front());
    full_.pop_front();
    given_ = 0;
  }
  return &current_->items[given_++];
}

template <typename Item>
void ReadAhead<Item>::run() {
  std::optional<Error> failure;
  bool more = true;
  while (more) {
    auto batch = take_empty();
    if (!batch) {
      return;
    }
    while (more && batch->count < batch_size) {
      const Result<bool> made = make_(batch->items[batch->count]);
      if (!made) {
        failure = made.error();
      }
      more = made && *made;
      batch->count += more ? 1 : 0;
    }
    offer(std::move(*batch));
  }
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    failure_ = std::move(failure);
  }
  changed_.notify_all();
}

// Nothing if nobody wants more.
template <typename Item>
std::optional<typename ReadAhead<Item>::Batch> ReadAhead<Item>::take_empty() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !empty_.empty() || batches_left_ > 0 || abandoned_; });
  if (abandoned_) {
    return std::nullopt;
  }
  if (empty_.empty()) {
    --batches_left_;
    lock.unlock();
    return Batch();
  }
  Batch batch = std::move(empty_.back());
  empty_.pop_back();
  batch.count = 0;
  return batch;
}

template <typename Item>
void ReadAhead<Item>::offer(Batch batch) {
  if (batch.count == 0) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    full_.push_back(std::move(batch));
  }
  changed_.notify_all();
}

}  // namespace autotape
