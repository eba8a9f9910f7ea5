// Stages that change the order of messages within windows of time.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "shape/reorder_stage.hpp"

namespace autotape {
namespace {

// Each chosen message waits for a random part of the window, on its own.
class LateInTimeStage final : public Stage {
 public:
  LateInTimeStage(const ReorderSettings& settings, Matcher matcher, const StageContext& context)
      : settings_(settings),
        matcher_(std::move(matcher)),
        stage_(context.number),
        luck_(context, "window") {}

  void take(Delivery delivery, StageOutput& output) override {
    queue_.release(delivery.due, output);
    Random random = luck_.of(delivery);
    if (!matcher_.matches(delivery) || !random.chance(settings_.probability)) {
      output.deliver(std::move(delivery));
      return;
    }
    const Duration wait = draw(UniformDuration{{}, settings_.time}, random);
    if (wait > Duration(0)) {
      delivery.due += wait;
      delivery.actions.push_back({stage_, ActionKind::moved});
    }
    queue_.hold(std::move(delivery));
  }

  void finish(StageOutput& output) override { queue_.release_all(output); }

 private:
  ReorderSettings settings_;
  Matcher matcher_;
  std::uint16_t stage_;
  StageLuck luck_;
  ReleaseQueue queue_;
};

// The chosen messages of a window come at its end, those of one scope in another order; which
// places are whose stays.
class WindowStage final : public Stage {
 public:
  WindowStage(const ReorderSettings& settings, Matcher matcher, const StageContext& context)
      : settings_(settings),
        matcher_(std::move(matcher)),
        stage_(context.number),
        luck_(context, "window") {}

  void take(Delivery delivery, StageOutput& output) override {
    if (delivery.due >= end_) {
      give_window(output);
      end_ = end_of_window(delivery.due);
    }
    Random random = luck_.of(delivery);
    if (!matcher_.matches(delivery) || !random.chance(settings_.probability)) {
      output.deliver(std::move(delivery));
      return;
    }
    const std::uint64_t rank =
        settings_.mode == ReorderMode::shuffle ? random.next() : ~window_.size();
    std::string scope = reorder_scope_of(delivery, settings_.scope);
    delivery.due = end_;
    delivery.actions.push_back({stage_, ActionKind::moved});
    places_[std::move(scope)].push_back({rank, window_.size()});
    window_.push_back(std::move(delivery));
  }

  void finish(StageOutput& output) override { give_window(output); }

 private:
  struct Place {
    std::uint64_t rank;
    std::size_t number;  // in the window
  };

  DueTime end_of_window(DueTime due) const {
    return DueTime((due.time_since_epoch() / settings_.time + 1) * settings_.time);
  }

  void give_window(StageOutput& output) {
    std::vector<std::size_t> order(window_.size());
    for (auto& [scope, places] : places_) {
      std::vector<Place> ranked = places;
      std::stable_sort(ranked.begin(), ranked.end(),
                       [](const Place& a, const Place& b) { return a.rank < b.rank; });
      for (std::size_t i = 0; i < places.size(); ++i) {
        order[places[i].number] = ranked[i].number;
      }
    }
    for (const std::size_t number : order) {
      output.deliver(std::move(window_[number]));
    }
    window_.clear();
    places_.clear();
  }

  ReorderSettings settings_;
  Matcher matcher_;
  std::uint16_t stage_;
  StageLuck luck_;
  std::vector<Delivery> window_;
  std::map<std::string, std::vector<Place>> places_;  // by scope
  DueTime end_{};
};

}  // namespace

std::unique_ptr<Stage> make_time_window_stage(const ReorderSettings& settings, Matcher matcher,
                                              const StageContext& context) {
  if (settings.mode == ReorderMode::late) {
    return std::make_unique<LateInTimeStage>(settings, std::move(matcher), context);
  }
  return std::make_unique<WindowStage>(settings, std::move(matcher), context);
}

}  // namespace autotape
