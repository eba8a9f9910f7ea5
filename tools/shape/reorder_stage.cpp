// Stages that change the order of messages. None arrives before its time: others overtake it.
#include <algorithm>
#include <map>
#include <utility>

#include "shape/stages.hpp"

namespace autotape {
namespace {

// Which messages change places with each other. Ordered where it is a map's key, never hashed: the
// order of iteration is part of the plan.
std::string scope_of(const Delivery& delivery, ReorderScope scope) {
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

// Gives messages in a new order and notes which of them were overtaken.
class Overtaken {
 public:
  explicit Overtaken(std::uint16_t stage) : stage_(stage) {}

  // `place` is where the message came in its scope.
  void give(Delivery delivery, std::uint64_t place, DueTime now, StageOutput& output) {
    if (place < last_place_) {
      delivery.actions.push_back({stage_, ActionKind::moved});
    }
    last_place_ = std::max(last_place_, place);
    delivery.due = now;
    output.deliver(std::move(delivery));
  }

 private:
  std::uint16_t stage_;
  std::uint64_t last_place_ = 0;
};

// Each message gets a place up to `window` behind its own; sorted by it, no message is more than
// `window` places late.
class LateStage final : public Stage {
 public:
  LateStage(const ReorderSettings& settings, Matcher matcher, StageContext context)
      : settings_(settings), matcher_(std::move(matcher)), context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    now_ = delivery.due;
    if (!matcher_.matches(delivery)) {
      output.deliver(std::move(delivery));
      return;
    }
    Line& line =
        lines_.try_emplace(scope_of(delivery, settings_.scope), context_.number).first->second;
    const std::uint64_t place = line.next_place++;
    Random random = context_.random(purpose_, delivery);
    const bool chosen = random.chance(settings_.probability);
    const std::uint64_t key = place + (chosen ? random.below(settings_.messages + 1) : 0);
    line.waiting.emplace(std::pair(key, place), std::move(delivery));
    line.give_up_to(place, now_, output);
  }

  void finish(StageOutput& output) override {
    for (auto& [scope, line] : lines_) {
      line.give_up_to(~std::uint64_t{0}, now_, output);
    }
  }

 private:
  struct Line {
    explicit Line(std::uint16_t stage) : overtaken(stage) {}

    void give_up_to(std::uint64_t key, DueTime now, StageOutput& output) {
      while (!waiting.empty() && waiting.begin()->first.first <= key) {
        auto first = waiting.extract(waiting.begin());
        overtaken.give(std::move(first.mapped()), first.key().second, now, output);
      }
    }

    std::uint64_t next_place = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Delivery> waiting;  // by key, place
    Overtaken overtaken;
  };

  ReorderSettings settings_;
  Matcher matcher_;
  StageContext context_;
  std::string purpose_ = context_.name + "/late";
  std::map<std::string, Line> lines_;
  DueTime now_{};
};

// Collects blocks of messages and gives each in another order when it is full.
class BlockStage final : public Stage {
 public:
  BlockStage(const ReorderSettings& settings, Matcher matcher, StageContext context)
      : settings_(settings), matcher_(std::move(matcher)), context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    now_ = delivery.due;
    if (!matcher_.matches(delivery)) {
      output.deliver(std::move(delivery));
      return;
    }
    Block& block = blocks_[scope_of(delivery, settings_.scope)];
    block.push_back(std::move(delivery));
    if (block.size() >= settings_.messages) {
      give(block, output);
    }
  }

  void finish(StageOutput& output) override {
    for (auto& [scope, block] : blocks_) {
      give(block, output);
    }
  }

 private:
  using Block = std::vector<Delivery>;

  void give(Block& block, StageOutput& output) {
    std::vector<std::size_t> order(block.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
    }
    if (!block.empty()) {
      rearrange(order, block.front());
    }
    Overtaken overtaken(context_.number);
    for (const std::size_t place : order) {
      overtaken.give(std::move(block[place]), place, now_, output);
    }
    block.clear();
  }

  void rearrange(std::vector<std::size_t>& order, const Delivery& first) const {
    Random random = context_.random(purpose_, first);
    if (settings_.mode == ReorderMode::shuffle) {
      for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random.below(i)]);
      }
    } else if (random.chance(settings_.probability)) {
      std::reverse(order.begin(), order.end());
    }
  }

  ReorderSettings settings_;
  Matcher matcher_;
  StageContext context_;
  std::string purpose_ = context_.name + "/block";
  std::map<std::string, Block> blocks_;
  DueTime now_{};
};

// Windows in time: a random wait of up to the window, or the window's end for all in it.
class TimeWindowStage final : public Stage {
 public:
  TimeWindowStage(const ReorderSettings& settings, Matcher matcher, StageContext context)
      : settings_(settings), matcher_(std::move(matcher)), context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    queue_.release(delivery.due, output);
    Random random = context_.random(purpose_, delivery);
    if (!matcher_.matches(delivery) || !random.chance(settings_.probability)) {
      output.deliver(std::move(delivery));
      return;
    }
    const DueTime until = settings_.mode == ReorderMode::late
                              ? delivery.due + draw(UniformDuration{{}, settings_.time}, random)
                              : end_of_window(delivery.due);
    if (until > delivery.due) {
      delivery.actions.push_back({context_.number, ActionKind::moved});
    }
    delivery.due = until;
    queue_.hold(std::move(delivery), rank(random));
  }

  void finish(StageOutput& output) override { queue_.release_all(output); }

 private:
  DueTime end_of_window(DueTime due) const {
    return DueTime((due.time_since_epoch() / settings_.time + 1) * settings_.time);
  }

  std::uint64_t rank(Random& random) {
    switch (settings_.mode) {
      case ReorderMode::shuffle:
        return random.next();
      case ReorderMode::reverse:
        return --countdown_;
      default:
        return 0;
    }
  }

  ReorderSettings settings_;
  Matcher matcher_;
  StageContext context_;
  std::string purpose_ = context_.name + "/window";
  ReleaseQueue queue_;
  std::uint64_t countdown_ = ~std::uint64_t{0};
};

}  // namespace

std::unique_ptr<Stage> make_stage(const ReorderSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  if (settings.mode == ReorderMode::swap) {
    ReorderSettings pairs = settings;
    pairs.messages = 2;
    return std::make_unique<BlockStage>(pairs, std::move(matcher), context);
  }
  if (settings.time > Duration(0)) {
    return std::make_unique<TimeWindowStage>(settings, std::move(matcher), context);
  }
  if (settings.mode == ReorderMode::late) {
    return std::make_unique<LateStage>(settings, std::move(matcher), context);
  }
  return std::make_unique<BlockStage>(settings, std::move(matcher), context);
}

}  // namespace autotape
