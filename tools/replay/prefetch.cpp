#include "replay/prefetch.hpp"

#include <utility>

namespace autotape {

PrefetchedPlan::PrefetchedPlan(std::unique_ptr<DeliverySource> plan)
    : plan_(std::move(plan)),
      stage_names_(plan_->stage_names()),
      thread_([this] { plan_ahead(); }) {}

PrefetchedPlan::~PrefetchedPlan() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<std::optional<PlanItem>> PrefetchedPlan::next() {
  if (given_ == current_.size()) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !batches_.empty() || ended_; });
    if (batches_.empty()) {
      if (failure_) {
        return *failure_;
      }
      return std::optional<PlanItem>();
    }
    current_ = std::move(batches_.front());
    batches_.pop_front();
    given_ = 0;
    lock.unlock();
    changed_.notify_all();
  }
  return std::optional(std::move(current_[given_++]));
}

void PrefetchedPlan::plan_ahead() {
  std::optional<Error> failure;
  bool more = true;
  while (more) {
    Batch batch;
    batch.reserve(batch_size);
    while (more && batch.size() < batch_size) {
      auto item = plan_->next();
      if (!item) {
        failure = item.error();
        more = false;
      } else if (!*item) {
        more = false;
      } else {
        batch.push_back(std::move(**item));
      }
    }
    more = (batch.empty() || offer(std::move(batch))) && more;
  }
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    failure_ = std::move(failure);
  }
  changed_.notify_all();
}

// False if nobody wants more.
bool PrefetchedPlan::offer(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return batches_.size() < most_batches || abandoned_; });
  if (abandoned_) {
    return false;
  }
  batches_.push_back(std::move(batch));
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace autotape
