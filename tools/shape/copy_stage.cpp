// Stages that send a message once more: duplicates of each class, stale readings, ties.
#include <utility>

#include "shape/payload_edit.hpp"
#include "shape/stages.hpp"

namespace autotape {
namespace {

struct CopySettings {
  double probability = 1;
  std::uint32_t copies = 1;
  DurationDistribution delay;
  ActionKind action = ActionKind::copied;
};

class CopyStage final : public Stage {
 public:
  CopyStage(CopySettings settings, Matcher matcher, StageContext context)
      : settings_(std::move(settings)),
        matcher_(std::move(matcher)),
        context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    queue_.release(delivery.due, output);
    Random random = luck_.of(delivery);
    const bool chosen = matcher_.matches(delivery) && random.chance(settings_.probability);
    if (!chosen) {
      output.deliver(std::move(delivery));
      return;
    }
    output.deliver(delivery);
    for (std::uint32_t number = 1; number <= settings_.copies; ++number) {
      hold_copy(delivery, number, random);
    }
  }

  void finish(StageOutput& output) override { queue_.release_all(output); }

 private:
  void hold_copy(const Delivery& original, std::uint32_t number, Random& random) {
    Delivery copy = original;
    copy.copy += number * context_.copy_step;
    copy.due += draw(settings_.delay, random);
    if (!change(copy, random)) {
      return;
    }
    copy.actions.push_back({context_.number, settings_.action});
    queue_.hold(std::move(copy));
  }

  // What makes the copy differ from its original; false if it cannot be made.
  bool change(Delivery& copy, Random& random) const {
    switch (settings_.action) {
      case ActionKind::changed_content:
        return give_changed_content(copy, random);
      case ActionKind::new_id:
      case ActionKind::stale:
        give_new_id(copy, random);
        return true;
      case ActionKind::tied:
        give_new_id(copy, random);
        return give_other_value(copy, random);
      default:
        return true;
    }
  }

  CopySettings settings_;
  Matcher matcher_;
  StageContext context_;
  StageLuck luck_{context_, "copy"};
  ReleaseQueue queue_;
};

std::unique_ptr<Stage> make_copy_stage(CopySettings settings, Matcher matcher,
                                       const StageContext& context) {
  return std::make_unique<CopyStage>(std::move(settings), std::move(matcher), context);
}

ActionKind action_of(DuplicateClass kind) {
  switch (kind) {
    case DuplicateClass::changed_content:
      return ActionKind::changed_content;
    case DuplicateClass::new_id:
      return ActionKind::new_id;
    case DuplicateClass::same_bytes:
      break;
  }
  return ActionKind::copied;
}

}  // namespace

std::unique_ptr<Stage> make_stage(const DuplicateSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return make_copy_stage(
      {settings.probability, settings.copies, settings.delay, action_of(settings.kind)},
      std::move(matcher), context);
}

std::unique_ptr<Stage> make_stage(const StaleSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return make_copy_stage({settings.probability, 1, settings.age, ActionKind::stale},
                         std::move(matcher), context);
}

std::unique_ptr<Stage> make_stage(const TieSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return make_copy_stage({settings.probability, 1, settings.delay, ActionKind::tied},
                         std::move(matcher), context);
}

}  // namespace autotape
