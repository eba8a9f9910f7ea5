// Stages that change the order of messages within windows of so many messages. None arrives before
// its time: others overtake it.
#include "shape/reorder_stage.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "shape/delivery_heap.hpp"
#include "shape/stages.hpp"

namespace autotape {
namespace {

// What all lines of a stage share.
struct Reordering {
  ReorderSettings settings;
  std::uint16_t stage;
  StageLuck luck;
};

// Gives messages in a new order and notes which of them were overtaken.
class Overtaken {
 public:
  // `place` is where the message came in its scope.
  void give(Delivery delivery, std::uint64_t place, DueTime now, std::uint16_t stage,
            StageOutput& output) {
    if (place < last_place_) {
      delivery.actions.push_back({stage, ActionKind::moved});
    }
    last_place_ = std::max(last_place_, place);
    delivery.due = now;
    output.deliver(std::move(delivery));
  }

 private:
  std::uint64_t last_place_ = 0;
};

// Each message gets a place up to the window behind its own; sorted by it, no message is more than
// the window late.
class LateLine {
 public:
  static constexpr std::string_view purpose = "late";

  void take(Delivery delivery, const Reordering& reordering, StageOutput& output) {
    const DueTime now = delivery.due;
    const std::uint64_t place = next_place_++;
    Random random = reordering.luck.of(delivery);
    const bool chosen = random.chance(reordering.settings.probability);
    const std::uint64_t key = place + (chosen ? random.below(reordering.settings.messages + 1) : 0);
    waiting_.push({key, place}, std::move(delivery));
    while (!waiting_.empty() && waiting_.first_key().first <= place) {
      give_first(now, reordering, output);
    }
  }

  void finish(DueTime now, const Reordering& reordering, StageOutput& output) {
    while (!waiting_.empty()) {
      give_first(now, reordering, output);
    }
  }

 private:
  void give_first(DueTime now, const Reordering& reordering, StageOutput& output) {
    const std::uint64_t place = waiting_.first_key().second;
    overtaken_.give(waiting_.pop(), place, now, reordering.stage, output);
  }

  std::uint64_t next_place_ = 0;
  DeliveryHeap<std::pair<std::uint64_t, std::uint64_t>> waiting_;  // by new place, old place
  Overtaken overtaken_;
};

// Collects a block of messages and gives it in another order when it is full.
class BlockLine {
 public:
  static constexpr std::string_view purpose = "block";

  void take(Delivery delivery, const Reordering& reordering, StageOutput& output) {
    const DueTime now = delivery.due;
    block_.push_back(std::move(delivery));
    if (block_.size() >= reordering.settings.messages) {
      finish(now, reordering, output);
    }
  }

  void finish(DueTime now, const Reordering& reordering, StageOutput& output) {
    Overtaken overtaken;
    for (const std::size_t place : new_order(reordering)) {
      overtaken.give(std::move(block_[place]), place, now, reordering.stage, output);
    }
    block_.clear();
  }

 private:
  std::vector<std::size_t> new_order(const Reordering& reordering) const {
    std::vector<std::size_t> order(block_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (order.empty()) {
      return order;
    }
    Random random = reordering.luck.of(block_.front());
    if (reordering.settings.mode == ReorderMode::shuffle) {
      for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random.below(i)]);
      }
    } else if (random.chance(reordering.settings.probability)) {
      std::reverse(order.begin(), order.end());
    }
    return order;
  }

  std::vector<Delivery> block_;
};

// A line for each scope; messages of others go on at once.
template <typename Line>
class LinesStage final : public Stage {
 public:
  LinesStage(const ReorderSettings& settings, Matcher matcher, const StageContext& context)
      : reordering_{settings, context.number, StageLuck(context, Line::purpose)},
        matcher_(std::move(matcher)) {}

  void take(Delivery delivery, StageOutput& output) override {
    now_ = delivery.due;
    if (!matcher_.matches(delivery)) {
      output.deliver(std::move(delivery));
      return;
    }
    Line& line = lines_[reorder_scope_of(delivery, reordering_.settings.scope)];
    line.take(std::move(delivery), reordering_, output);
  }

  void finish(StageOutput& output) override {
    for (auto& [scope, line] : lines_) {
      line.finish(now_, reordering_, output);
    }
  }

 private:
  Reordering reordering_;
  Matcher matcher_;
  std::map<std::string, Line> lines_;
  DueTime now_{};
};

}  // namespace

std::string reorder_scope_of(const Delivery& delivery, ReorderScope scope) {
  if (scope == ReorderScope::all) {
    return {};
  }
  const Subject subject = subject_of(*delivery.content);
  std::string key(subject.vin);
  if (scope == ReorderScope::property) {
    key.append("/").append(subject.capability).append("/").append(subject.property);
  }
  return key;
}

std::unique_ptr<Stage> make_stage(const ReorderSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  if (settings.mode == ReorderMode::swap) {
    ReorderSettings pairs = settings;
    pairs.messages = 2;
    return std::make_unique<LinesStage<BlockLine>>(pairs, std::move(matcher), context);
  }
  if (settings.time > Duration(0)) {
    return make_time_window_stage(settings, std::move(matcher), context);
  }
  if (settings.mode == ReorderMode::late) {
    return std::make_unique<LinesStage<LateLine>>(settings, std::move(matcher), context);
  }
  return std::make_unique<LinesStage<BlockLine>>(settings, std::move(matcher), context);
}

}  // namespace autotape
