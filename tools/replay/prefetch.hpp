// Plans ahead in a thread of its own, so that reading and shaping a tape makes no delivery late.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/read_ahead.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// The same items in the same order. next() is for one thread; the plan is used by the inner thread
// only.
class PrefetchedPlan final : public DeliverySource {
 public:
  explicit PrefetchedPlan(std::unique_ptr<DeliverySource> plan);

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return stage_names_; }
  TapeDamage tape_damage() const override { return plan_->tape_damage(); }
  std::vector<std::uint16_t> idle_stages() const override { return plan_->idle_stages(); }

 private:
  std::unique_ptr<DeliverySource> plan_;
  std::vector<std::string> stage_names_;
  ReadAhead<PlanItem> items_;  // ends before the plan
};

}  // namespace autotape
