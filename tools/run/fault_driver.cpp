#include "run/fault_driver.hpp"

#include <algorithm>

namespace autotape {

class FaultDriver::Gate final : public DeliverySource {
 public:
  Gate(FaultDriver& driver, std::unique_ptr<DeliverySource> plan)
      : driver_(driver), plan_(std::move(plan)) {}

  Result<std::optional<PlanItem>> next() override {
    AUTOTAPE_TRY_ASSIGN(auto item, plan_->next());
    if (item) {
      if (const auto* const delivery = std::get_if<Delivery>(&*item)) {
        driver_.hold_before(*delivery);
      }
    }
    return item;
  }

  const std::vector<std::string>& stage_names() const override { return plan_->stage_names(); }
  TapeDamage tape_damage() const override { return plan_->tape_damage(); }

 private:
  FaultDriver& driver_;
  std::unique_ptr<DeliverySource> plan_;
};

FaultDriver::FaultDriver(std::vector<TimedFault> faults, ReplayRate rate, ChangeSignal& changed)
    : rate_(rate), changed_(changed) {
  for (TimedFault& fault : faults) {
    if (fault.after_deliveries) {
      counts_.push_back(*fault.after_deliveries);
    }
    pending_.push_back({std::move(fault), std::nullopt, false});
  }
  std::sort(counts_.begin(), counts_.end());
}

std::unique_ptr<DeliverySource> FaultDriver::gated(std::unique_ptr<DeliverySource> plan) {
  return std::make_unique<Gate>(*this, std::move(plan));
}

void FaultDriver::hold_before(const Delivery& delivery) {
  std::unique_lock lock(mutex_);
  while (!abandoned_ && !counts_.empty() && counts_.front() < delivery.index) {
    held_after_ = counts_.front();
    lock.unlock();
    changed_.notify();
    lock.lock();
    released_.wait(lock, [&] { return abandoned_ || !held_after_; });
  }
}

Duration FaultDriver::wall_time(Duration plan_time) const {
  if (rate_.kind != ReplayRate::Kind::multiple) {
    return Duration::zero();
  }
  return Duration(static_cast<std::int64_t>(static_cast<double>(plan_time.count()) / rate_.value));
}

bool FaultDriver::moment_has_come(const Pending& pending, MonotonicTime replay_start,
                                  const BrokerWatch& watch) const {
  const TimedFault& fault = pending.fault;
  if (fault.after_deliveries) {
    const std::lock_guard lock(mutex_);
    return held_after_ && *held_after_ >= *fault.after_deliveries;
  }
  if (fault.at) {
    return monotonic_now() >= replay_start + wall_time(fault.at->time_since_epoch());
  }
  return fault.on_event && watch.seen(*fault.on_event);
}

Result<void> FaultDriver::strike_due(MonotonicTime replay_start, const BrokerWatch& watch,
                                     const Strike& strike) {
  for (Pending& pending : pending_) {
    if (pending.struck) {
      continue;
    }
    if (!pending.due && moment_has_come(pending, replay_start, watch)) {
      pending.due = monotonic_now() + wall_time(pending.fault.pause.value_or(Duration::zero()));
    }
    if (pending.due && monotonic_now() >= *pending.due) {
      pending.struck = true;
      AUTOTAPE_TRY(strike(pending.fault.what));
    }
  }
  const std::lock_guard lock(mutex_);
  if (held_after_) {
    std::erase_if(counts_, [&](std::uint64_t count) { return count <= *held_after_; });
    held_after_.reset();
    released_.notify_all();
  }
  return {};
}

std::optional<std::uint64_t> FaultDriver::held_after() const {
  const std::lock_guard lock(mutex_);
  return held_after_;
}

void FaultDriver::release() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  held_after_.reset();
  released_.notify_all();
}

}  // namespace autotape
