#include "core/ordered_pipeline.hpp"

namespace autotape::pipeline {

Schedule::Task Schedule::next() {
  std::unique_lock lock(mutex_);
  while (true) {
    const Task task = choose();
    if (task.step != Step::end || at_end()) {
      return task;
    }
    ++waiting_;
    changed_.wait(lock);
    --waiting_;
  }
}

// Step::end if there is nothing to do now.
Schedule::Task Schedule::choose() {
  if (at_end()) {
    return {};
  }
  if (!finishing_ && worked_on_[finished_ % worked_on_.size()]) {
    finishing_ = true;
    return {Step::finish, finished_};
  }
  const bool few_wait = read_ - taken_ < worked_on_.size() / 4 * 3;
  const bool may_read = !reading_ && !all_read_ && read_ - finished_ < worked_on_.size();
  if (may_read && few_wait) {
    reading_ = true;
    return {Step::read, read_};
  }
  return taken_ < read_ ? Task{Step::work, taken_++} : Task{};
}

void Schedule::set_read(bool more) {
  const std::lock_guard lock(mutex_);
  reading_ = false;
  read_ += more ? 1 : 0;
  all_read_ = !more;
  wake_others();
}

void Schedule::set_worked_on(std::size_t number) {
  const std::lock_guard lock(mutex_);
  worked_on_[number % worked_on_.size()] = true;
  wake_others();
}

void Schedule::set_finished(bool go_on) {
  const std::lock_guard lock(mutex_);
  worked_on_[finished_ % worked_on_.size()] = false;
  finishing_ = false;
  ++finished_;
  stopped_ = !go_on;
  wake_others();
}

void Schedule::wake_others() {
  if (at_end()) {
    changed_.notify_all();
  } else if (waiting_ > 0) {
    changed_.notify_one();
  }
}

}  // namespace autotape::pipeline
