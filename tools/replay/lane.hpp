// Which of several connections or processes a car's messages belong to, so that their order is
// kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "shape/delivery.hpp"

namespace autotape {

// The same for all messages of a car, on every machine; 0 to lanes - 1.
std::size_t lane_of(const Message& message, std::size_t lanes);

// The part of a plan that one of several processes plays. Indexes stay those of the whole plan.
class Shard final : public DeliverySource {
 public:
  // `number` counts from 0.
  Shard(std::unique_ptr<DeliverySource> plan, std::size_t number, std::size_t count)
      : plan_(std::move(plan)), number_(number), count_(count) {}

  // Drops are those of the whole plan in the first shard, and none in the others.
  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return plan_->stage_names(); }
  TapeDamage tape_damage() const override { return plan_->tape_damage(); }
  std::vector<std::uint16_t> idle_stages() const override { return plan_->idle_stages(); }

 private:
  std::unique_ptr<DeliverySource> plan_;
  std::size_t number_;
  std::size_t count_;
};

}  // namespace autotape
