// Stages that lose messages, and say which.
#include <utility>

#include "shape/stages.hpp"

namespace autotape {
namespace {

class DropStage final : public Stage {
 public:
  DropStage(DropSettings settings, Matcher matcher, StageContext context)
      : settings_(settings), matcher_(std::move(matcher)), context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    if (matcher_.matches(delivery) && luck_.of(delivery).chance(settings_.probability)) {
      output.drop(delivery, context_.number);
    } else {
      output.deliver(std::move(delivery));
    }
  }

 private:
  DropSettings settings_;
  Matcher matcher_;
  StageContext context_;
  StageLuck luck_{context_, "drop"};
};

class GapStage final : public Stage {
 public:
  GapStage(GapSettings settings, Matcher matcher, std::uint16_t number)
      : spans_(settings.spans), matcher_(std::move(matcher)), number_(number) {}

  void take(Delivery delivery, StageOutput& output) override {
    if (spans_.end_of_span_at(delivery.due.time_since_epoch()) && matcher_.matches(delivery)) {
      output.drop(delivery, number_);
    } else {
      output.deliver(std::move(delivery));
    }
  }

 private:
  Spans spans_;
  Matcher matcher_;
  std::uint16_t number_;
};

}  // namespace

std::unique_ptr<Stage> make_stage(const DropSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<DropStage>(settings, std::move(matcher), context);
}

std::unique_ptr<Stage> make_stage(const GapSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<GapStage>(settings, std::move(matcher), context.number);
}

}  // namespace autotape
