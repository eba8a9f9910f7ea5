// Stages that send a message later: delays, cars that are offline, bursts, a limited rate.
#include <algorithm>
#include <utility>

#include "shape/stages.hpp"

namespace autotape {
namespace {

// Where and in which order a message waits.
struct Wait {
  DueTime until;
  std::uint64_t rank = 0;
};

// Messages for which wait_of() gives nothing go on at once.
class WaitingStage : public Stage {
 public:
  WaitingStage(ActionKind action, Matcher matcher, StageContext context)
      : context_(std::move(context)), action_(action), matcher_(std::move(matcher)) {}

  void take(Delivery delivery, StageOutput& output) final {
    queue_.release(delivery.due, output);
    const auto wait = matcher_.matches(delivery) ? wait_of(delivery) : std::nullopt;
    if (!wait) {
      output.deliver(std::move(delivery));
      return;
    }
    if (wait->until > delivery.due) {
      delivery.actions.push_back({context_.number, action_});
      delivery.due = wait->until;
    }
    queue_.hold(std::move(delivery), wait->rank);
  }

  void finish(StageOutput& output) final { queue_.release_all(output); }

 protected:
  virtual std::optional<Wait> wait_of(const Delivery& delivery) = 0;

  StageContext context_;

 private:
  ActionKind action_;
  Matcher matcher_;
  ReleaseQueue queue_;
};

class DelayStage final : public WaitingStage {
 public:
  DelayStage(DelaySettings settings, Matcher matcher, const StageContext& context)
      : WaitingStage(settings.late ? ActionKind::late : ActionKind::delayed, std::move(matcher),
                     context),
        settings_(std::move(settings)) {}

 private:
  std::optional<Wait> wait_of(const Delivery& delivery) override {
    Random random = luck_.of(delivery);
    if (!random.chance(settings_.probability)) {
      return std::nullopt;
    }
    return Wait{delivery.due + draw(settings_.delay, random)};
  }

  DelaySettings settings_;
  StageLuck luck_{context_, "delay"};
};

class HoldStage final : public WaitingStage {
 public:
  HoldStage(HoldSettings settings, Matcher matcher, const StageContext& context)
      : WaitingStage(ActionKind::held, std::move(matcher), context), settings_(settings) {}

 private:
  std::optional<Wait> wait_of(const Delivery& delivery) override {
    const auto end = settings_.spans.end_of_span_at(delivery.due.time_since_epoch());
    return end ? std::optional(Wait{DueTime(*end), rank_of(delivery)}) : std::nullopt;
  }

  std::uint64_t rank_of(const Delivery& delivery) {
    switch (settings_.order) {
      case HoldOrder::reversed:
        return --countdown_;
      case HoldOrder::shuffled:
        return luck_.of(delivery).next();
      case HoldOrder::kept:
        break;
    }
    return 0;
  }

  HoldSettings settings_;
  StageLuck luck_{context_, "order"};
  std::uint64_t countdown_ = ~std::uint64_t{0};
};

class BurstStage final : public WaitingStage {
 public:
  BurstStage(BurstSettings settings, Matcher matcher, const StageContext& context)
      : WaitingStage(ActionKind::collected, std::move(matcher), context), every_(settings.every) {}

 private:
  std::optional<Wait> wait_of(const Delivery& delivery) override {
    const Duration due = delivery.due.time_since_epoch();
    return Wait{DueTime((due + every_ - Duration(1)) / every_ * every_)};
  }

  Duration every_;
};

class RateStage final : public WaitingStage {
 public:
  RateStage(RateSettings settings, Matcher matcher, const StageContext& context)
      : WaitingStage(ActionKind::paced, std::move(matcher), context),
        interval_(static_cast<std::int64_t>(1e9 / settings.per_second + 0.5)) {}

 private:
  std::optional<Wait> wait_of(const Delivery& delivery) override {
    const DueTime slot = std::max(delivery.due, next_slot_);
    next_slot_ = slot + interval_;
    return Wait{slot};
  }

  Duration interval_;
  DueTime next_slot_{};
};

}  // namespace

std::unique_ptr<Stage> make_stage(const DelaySettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<DelayStage>(settings, std::move(matcher), context);
}

std::unique_ptr<Stage> make_stage(const HoldSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<HoldStage>(settings, std::move(matcher), context);
}

std::unique_ptr<Stage> make_stage(const BurstSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<BurstStage>(settings, std::move(matcher), context);
}

std::unique_ptr<Stage> make_stage(const RateSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<RateStage>(settings, std::move(matcher), context);
}

}  // namespace autotape
