// Makes a delivery plan from a tape, a shape and a seed.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "shape/delivery.hpp"
#include "shape/selection.hpp"
#include "shape/shape.hpp"

namespace autotape {

// Holds what the stages' windows hold, and no more. Same tape, selection, shape and seed give the
// same items on every machine.
class DeliveryPlan final : public DeliverySource {
 public:
  DeliveryPlan(OpenTape tape, const Selection& selection, const Shape& shape, std::uint64_t seed);
  ~DeliveryPlan() override;

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return stage_names_; }
  TapeDamage tape_damage() const override { return messages_->damage(); }
  std::vector<std::uint16_t> idle_stages() const override;

 private:
  class Link;
  class End;

  Result<void> advance();

  std::vector<std::string> stage_names_;  // the selection's, then those of the shape
  std::unique_ptr<End> end_;
  std::vector<std::unique_ptr<Link>> links_;  // last stage first
  std::unique_ptr<SelectedMessages> messages_;
  bool finished_ = false;
};

// "stage 2 (duplicate) touched no message" for each idle stage of a plan that was read to its end.
std::vector<std::string> describe_idle_stages(const DeliverySource& plan);

// "stage/action" for each action, as plans and ledgers write them.
std::vector<std::string> action_names(const Delivery& delivery,
                                      const std::vector<std::string>& stage_names);

}  // namespace autotape
