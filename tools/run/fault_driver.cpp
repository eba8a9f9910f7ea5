#include "run/fault_driver.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace autotape {

class FaultDriver::Gate final : public DeliverySource {
 public:
  Gate(FaultDriver& driver, std::unique_ptr<DeliverySource> plan)
      : driver_(driver), plan_(std::move(plan)) {}

  Result<std::optional<PlanItem>> next() override {
    AUTOTAPE_TRY_ASSIGN(auto item, plan_->next());
    if (!item) {
      driver_.hold_at({.sent = given_});
      driver_.note_end();
    } else if (const auto* const delivery = std::get_if<Delivery>(&*item)) {
      driver_.hold_at({.sent = delivery->index - 1, .next = delivery->due});
      given_ = delivery->index;
      driver_.note_given(delivery->due);
    }
    return item;
  }

  const std::vector<std::string>& stage_names() const override { return plan_->stage_names(); }
  TapeDamage tape_damage() const override { return plan_->tape_damage(); }
  std::vector<std::uint16_t> idle_stages() const override { return plan_->idle_stages(); }

 private:
  FaultDriver& driver_;
  std::unique_ptr<DeliverySource> plan_;
  std::uint64_t given_ = 0;  // deliveries
};

FaultDriver::FaultDriver(std::vector<TimedFault> faults, ReplayRate rate, ChangeSignal& changed)
    : rate_(rate), changed_(changed) {
  for (TimedFault& fault : faults) {
    if (fault.after_deliveries) {
      counts_.push_back(*fault.after_deliveries);
    } else if (fault.at && !time_passes()) {
      times_.push_back(*fault.at);
    }
    pending_.push_back({std::move(fault)});
  }
  std::sort(counts_.begin(), counts_.end());
  std::sort(times_.begin(), times_.end());
}

std::unique_ptr<DeliverySource> FaultDriver::gated(std::unique_ptr<DeliverySource> plan) {
  return std::make_unique<Gate>(*this, std::move(plan));
}

bool FaultDriver::must_hold_at(const Place& place) const {
  return (!counts_.empty() && is_reached(counts_.front(), place)) ||
         (!times_.empty() && is_reached(times_.front(), place));
}

void FaultDriver::hold_at(const Place& place) {
  std::unique_lock lock(mutex_);
  while (!abandoned_ && must_hold_at(place)) {
    held_at_ = place;
    lock.unlock();
    changed_.notify();
    lock.lock();
    released_.wait(lock, [&] { return abandoned_ || !held_at_; });
  }
}

Duration FaultDriver::wall_time(Duration plan_time) const {
  if (!time_passes()) {
    return Duration::zero();
  }
  return Duration(static_cast<std::int64_t>(static_cast<double>(plan_time.count()) / rate_.value));
}

bool FaultDriver::moment_has_come(const Pending& pending, MonotonicTime replay_start,
                                  const Seen& seen) const {
  const TimedFault& fault = pending.fault;
  if (fault.on_event) {
    return seen(*fault.on_event);
  }
  if (fault.at && time_passes()) {
    return monotonic_now() >= replay_start + wall_time(fault.at->time_since_epoch());
  }
  const std::lock_guard lock(mutex_);
  return held_at_ && (fault.at ? is_reached(*fault.at, *held_at_)
                               : is_reached(fault.after_deliveries.value_or(0), *held_at_));
}

Result<void> FaultDriver::strike_due(MonotonicTime replay_start, const Seen& seen,
                                     const Strike& strike) {
  for (std::size_t number = 0; number < pending_.size(); ++number) {
    Pending& pending = pending_[number];
    if (pending.fate || abandoned()) {
      continue;
    }
    if (!pending.due && moment_has_come(pending, replay_start, seen)) {
      pending.due = monotonic_now() + wall_time(pending.fault.pause.value_or(Duration::zero()));
    }
    if (pending.due && monotonic_now() >= *pending.due) {
      AUTOTAPE_TRY_ASSIGN(pending.fate, strike(number, pending.fault.what));
    }
  }
  const std::lock_guard lock(mutex_);
  if (held_at_) {
    const auto is_over = [&](const auto& place) { return is_reached(place, *held_at_); };
    std::erase_if(counts_, is_over);
    std::erase_if(times_, is_over);
    held_at_.reset();
    released_.notify_all();
  }
  return {};
}

std::optional<std::uint64_t> FaultDriver::held_after() const {
  const std::lock_guard lock(mutex_);
  return held_at_ ? std::optional(held_at_->sent) : std::nullopt;
}

void FaultDriver::note_given(DueTime due) {
  const std::lock_guard lock(mutex_);
  due_ = due;
  given_at_ = monotonic_now();
}

Duration FaultDriver::overdue(MonotonicTime replay_start) const {
  const std::lock_guard lock(mutex_);
  MonotonicTime expected = std::max(given_at_, replay_start);
  if (time_passes()) {
    expected = std::max(expected, replay_start + wall_time(due_.time_since_epoch()));
  } else if (rate_.kind == ReplayRate::Kind::per_second) {
    expected +=
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / rate_.value));
  }
  return monotonic_now() - expected;
}

void FaultDriver::note_end() {
  {
    const std::lock_guard lock(mutex_);
    at_end_ = true;
  }
  changed_.notify();
}

bool FaultDriver::at_end() const {
  const std::lock_guard lock(mutex_);
  return at_end_;
}

bool FaultDriver::may_still_strike() const {
  return !abandoned() && std::any_of(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return !pending.fate && (pending.due || (pending.fault.at && time_passes()));
  });
}

void FaultDriver::note_lifted(const std::vector<std::size_t>& numbers, const std::string& when) {
  for (const std::size_t number : numbers) {
    pending_.at(number).fate.value().lifted = when;
  }
}

std::string FaultDriver::why_not(const Pending& pending) const {
  if (abandoned()) {
    return "the run was cut short";
  }
  if (pending.due) {
    return "the run ended while it paused";
  }
  return pending.fault.on_event
             ? fmt::format("the broker had no event \"{}\"", *pending.fault.on_event)
             : "the stream ended before";
}

std::vector<FaultFate> FaultDriver::fates() const {
  std::vector<FaultFate> fates;
  for (const Pending& pending : pending_) {
    fates.push_back(pending.fate.value_or(FaultFate{false, why_not(pending)}));
  }
  return fates;
}

bool FaultDriver::abandoned() const {
  const std::lock_guard lock(mutex_);
  return abandoned_;
}

void FaultDriver::release() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  held_at_.reset();
  released_.notify_all();
}

}  // namespace autotape
