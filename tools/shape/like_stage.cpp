// The stage that misbehaves as a recording did: late messages and duplicates, for each property on
// its own.
#include <utility>

#include "shape/stages.hpp"

namespace autotape {
namespace {

class LikeStage final : public Stage {
 public:
  LikeStage(LikeSettings settings, Matcher matcher, StageContext context)
      : settings_(std::move(settings)),
        matcher_(std::move(matcher)),
        context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    queue_.release(delivery.due, output);
    if (!matcher_.matches(delivery)) {
      output.deliver(std::move(delivery));
      return;
    }
    const Disorder& disorder = disorder_of(*delivery.content);
    Random random = luck_.of(delivery);
    const bool late = random.chance(disorder.share_late);
    if (late) {
      delivery.due += draw(disorder.delay, random);
      delivery.actions.push_back({context_.number, ActionKind::delayed});
    }
    if (random.chance(disorder.share_of_duplicates)) {
      Delivery copy = delivery;
      copy.copy += context_.copy_step;
      copy.due += draw(disorder.distance, random);
      copy.actions.push_back({context_.number, ActionKind::copied});
      // The original first, where both are due at once.
      queue_.hold(std::move(copy), 1);
    }
    if (late) {
      queue_.hold(std::move(delivery));
    } else {
      output.deliver(std::move(delivery));
    }
  }

  void finish(StageOutput& output) override { queue_.release_all(output); }

 private:
  const Disorder& disorder_of(const Message& message) {
    const Subject subject = subject_of(message);
    name_.assign(subject.capability).append(".").append(subject.property);
    const auto found = settings_.by_property.find(name_);
    return found == settings_.by_property.end() ? settings_.others : found->second;
  }

  LikeSettings settings_;
  Matcher matcher_;
  StageContext context_;
  StageLuck luck_{context_, "like"};
  ReleaseQueue queue_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Stage> make_stage(const LikeSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<LikeStage>(settings, std::move(matcher), context);
}

}  // namespace autotape
