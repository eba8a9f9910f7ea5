#include "shape/plan.hpp"

#include <utility>

#include <fmt/format.h>

namespace autotape {

// The end of the pipe: numbers deliveries and keeps them until they are asked for.
class DeliveryPlan::End final : public StageOutput {
 public:
  explicit End(std::size_t stages) : busy_(stages) {}

  void deliver(Delivery delivery) override {
    note_actions(delivery);
    delivery.index = ++count_;
    ready_.emplace_back(std::move(delivery));
  }

  void drop(const Delivery& delivery, std::uint16_t stage) override {
    note_actions(delivery);
    busy_[stage] = true;
    ready_.emplace_back(Drop{delivery.message, delivery.pass, delivery.copy, delivery.due, stage});
  }

  bool empty() const { return ready_.empty(); }

  PlanItem take_first() {
    PlanItem item = std::move(ready_.front());
    ready_.pop_front();
    return item;
  }

  bool was_busy(std::size_t stage) const { return busy_[stage]; }

 private:
  void note_actions(const Delivery& delivery) {
    for (const StageAction& action : delivery.actions) {
      busy_[action.stage] = true;
    }
  }

  std::vector<bool> busy_;  // by stage: has it done anything?
  std::uint64_t count_ = 0;
  std::deque<PlanItem> ready_;
};

// A stage and what follows it.
class DeliveryPlan::Link final : public StageOutput {
 public:
  Link(std::unique_ptr<Stage> stage, StageOutput& next, StageOutput& end)
      : stage_(std::move(stage)), next_(next), end_(end) {}

  void deliver(Delivery delivery) override { stage_->take(std::move(delivery), next_); }
  void drop(const Delivery& delivery, std::uint16_t stage) override { end_.drop(delivery, stage); }
  void finish() { stage_->finish(next_); }

 private:
  std::unique_ptr<Stage> stage_;
  StageOutput& next_;
  StageOutput& end_;
};

DeliveryPlan::DeliveryPlan(OpenTape tape, const Selection& selection, const Shape& shape,
                           std::uint64_t seed)
    : stage_names_{"selection"}, end_(std::make_unique<End>(shape.stages.size() + 1)) {
  // Each stage numbers its copies beyond those of the stages before it: a number stays what it is,
  // also that of a copy that is dropped on the way.
  std::vector<std::uint32_t> copy_steps{1};
  for (const ShapeStage& stage : shape.stages) {
    stage_names_.push_back(stage.name);
    copy_steps.push_back(copy_steps.back() * (most_copies(stage.settings) + 1));
  }
  StageOutput* next = end_.get();
  for (std::size_t i = shape.stages.size(); i > 0; --i) {
    const ShapeStage& stage = shape.stages[i - 1];
    links_.push_back(std::make_unique<Link>(
        make_stage(stage, {static_cast<std::uint16_t>(i), stage.name, seed, copy_steps[i - 1]}),
        *next, *end_));
    next = links_.back().get();
  }
  messages_ = std::make_unique<SelectedMessages>(std::move(tape), selection,
                                                 StageContext{0, stage_names_[0], seed});
}

DeliveryPlan::~DeliveryPlan() = default;

Result<std::optional<PlanItem>> DeliveryPlan::next() {
  while (end_->empty() && !finished_) {
    AUTOTAPE_TRY(advance());
  }
  if (end_->empty()) {
    return std::optional<PlanItem>();
  }
  return std::optional(end_->take_first());
}

Result<void> DeliveryPlan::advance() {
  StageOutput& first = links_.empty() ? static_cast<StageOutput&>(*end_) : *links_.back();
  AUTOTAPE_TRY_ASSIGN(const bool found, messages_->next(first));
  if (!found) {
    for (auto link = links_.rbegin(); link != links_.rend(); ++link) {
      (*link)->finish();
    }
    finished_ = true;
  }
  return {};
}

std::vector<std::uint16_t> DeliveryPlan::idle_stages() const {
  std::vector<std::uint16_t> idle;
  for (std::size_t stage = 1; stage < stage_names_.size(); ++stage) {
    if (!end_->was_busy(stage)) {
      idle.push_back(static_cast<std::uint16_t>(stage));
    }
  }
  return idle;
}

std::vector<std::string> describe_idle_stages(const DeliverySource& plan) {
  std::vector<std::string> lines;
  for (const std::uint16_t stage : plan.idle_stages()) {
    lines.push_back(
        fmt::format("stage {} ({}) touched no message", stage, plan.stage_names().at(stage)));
  }
  return lines;
}

std::vector<std::string> action_names(const Delivery& delivery,
                                      const std::vector<std::string>& stage_names) {
  std::vector<std::string> names;
  names.reserve(delivery.actions.size());
  for (const StageAction& action : delivery.actions) {
    names.push_back(fmt::format("{}/{}", stage_names.at(action.stage), name_of(action.kind)));
  }
  return names;
}

}  // namespace autotape
