#include "run/search/variation.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"
#include "run/search/strength.hpp"
#include "run/search/symptom.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape {
namespace {

// So many messages are enough for most flaws, and a run of them is quick.
constexpr std::uint64_t fewest_messages = 20;
constexpr std::uint64_t most_messages = 400;

// Each stage is left out now and then: the rates then tell which one it takes.
constexpr double usual_share = 0.75;

// How long a run takes that is not played as fast as can be.
constexpr Duration shortest_play = std::chrono::milliseconds(300);
constexpr Duration longest_play = std::chrono::milliseconds(1500);

// ---- the scenario's own stages, weaker or stronger

// A half to the double, or a fourth to the fourfold, …
double draw_factor(Random& random) {
  return draw_share(random, 0.0625, 1.0) * 4;
}

void scale(double& probability, double factor) {
  probability = std::min(probability * factor, 1.0);
}

void scale(Duration& duration, double factor) {
  duration = Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
}

void scale(DurationDistribution& distribution, double factor) {
  std::visit(
      [factor](auto& drawn) {
        using Drawn = std::decay_t<decltype(drawn)>;
        if constexpr (std::is_same_v<Drawn, FixedDuration>) {
          scale(drawn.value, factor);
        } else if constexpr (std::is_same_v<Drawn, UniformDuration>) {
          scale(drawn.least, factor);
          scale(drawn.most, factor);
        } else if constexpr (std::is_same_v<Drawn, ExponentialDuration>) {
          scale(drawn.mean, factor);
        } else if constexpr (std::is_same_v<Drawn, NormalDuration>) {
          scale(drawn.mean, factor);
          scale(drawn.deviation, factor);
        } else {
          for (Duration& quantile : drawn.quantiles) {
            scale(quantile, factor);
          }
        }
      },
      distribution);
}

std::string scale_stage(StageSettings& settings, Random& random) {
  std::string text;
  std::visit(
      [&](auto& stage) {
        const auto scale_by_luck = [&](auto& value, std::string_view name) {
          const double factor = draw_factor(random);
          scale(value, factor);
          text += fmt::format("{}{} ×{:g}", text.empty() ? "" : ", ", name, factor);
        };
        if constexpr (requires { stage.probability; }) {
          scale_by_luck(stage.probability, "probability");
        }
        if constexpr (requires { stage.delay; }) {
          scale_by_luck(stage.delay, "delay");
        }
        if constexpr (requires { stage.age; }) {
          scale_by_luck(stage.age, "age");
        }
        if constexpr (requires { stage.spans; }) {
          scale_by_luck(stage.spans.duration, "for");
        }
        if constexpr (requires { stage.messages; }) {
          if (stage.messages > 0) {
            stage.messages = std::max<std::uint64_t>(
                2, static_cast<std::uint64_t>(static_cast<double>(stage.messages) *
                                              draw_factor(random)));
            text += fmt::format(", {} messages", stage.messages);
          }
        }
      },
      settings);
  return text;
}

std::string fault_name(const TimedFault& fault) {
  return fault.what.contains("consumer") ? "consumer-" + fault.what.value("consumer", "")
                                         : fault.what.value("fault", "");
}

Result<const Trouble*> trouble_called(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Trouble& trouble : arsenal()) {
    if (trouble.name == name) {
      return &trouble;
    }
    names.push_back(trouble.name);
  }
  const auto nearest = nearest_name(name, names);
  return usage_error(fmt::format("--with {}: is not in the arsenal", printable(name, 40)),
                     nearest ? fmt::format("did you mean '{}'?", *nearest)
                             : fmt::format("there are {}", fmt::join(names, ", ")));
}

}  // namespace

Result<Variations> Variations::of(const Scenario& base, const std::vector<std::string>& names,
                                  std::uint64_t seed) {
  Variations variations(base, seed);
  variations.named_ = !names.empty();
  require_nothing(variations.base_.expect);
  if (names.empty() && base.shape.stages.empty() && base.faults.empty()) {
    for (const Trouble& trouble : arsenal()) {
      variations.arsenal_.push_back(&trouble);
    }
  }
  for (const std::string& name : names) {
    AUTOTAPE_TRY_ASSIGN(const Trouble* const trouble, trouble_called(name));
    variations.arsenal_.push_back(trouble);
  }
  AUTOTAPE_TRY(variations.read_tape());
  return variations;
}

Result<void> Variations::read_tape() {
  Scenario plain = base_;
  plain.shape = {};
  AUTOTAPE_TRY_ASSIGN(const auto plan, plan_scenario(plain));
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const auto item, plan->next());
    if (!item) {
      break;
    }
    if (const auto* const delivery = std::get_if<Delivery>(&*item)) {
      due_.push_back(delivery->due.time_since_epoch());
    }
  }
  if (due_.empty()) {
    return usage_error(base_.tape + ": has no message to play",
                       "check the tape, and what the scenario selects of it");
  }
  return {};
}

std::vector<std::string> Variations::names() const {
  std::vector<std::string> names;
  for (const Trouble* const trouble : arsenal_) {
    names.emplace_back(trouble->name);
  }
  if (arsenal_.empty()) {
    for (const ShapeStage& stage : base_.shape.stages) {
      names.push_back(stage.name);
    }
    for (const TimedFault& fault : base_.faults) {
      names.push_back(fault_name(fault));
    }
  }
  return names;
}

Variation Variations::at(std::uint64_t run) const {
  Random random(seed_, "explore", run);
  Variation variation{base_, {}};
  Scenario& scenario = variation.scenario;
  scenario.seed = random.next() >> 12U;  // short enough to be exact as a number of JSON
  if (arsenal_.empty()) {
    draw_own(variation, random);
  } else {
    draw_from_arsenal(variation, random);
  }
  return variation;
}

TapeWindow Variations::draw_window(Scenario& scenario, Random& random) const {
  Selection& selection = scenario.selection;
  const std::uint64_t all = due_.size();
  const bool can_be_cut = selection.passes == 1 && !selection.longest_gap;
  const std::uint64_t count =
      can_be_cut ? draw_count(random, std::min(fewest_messages, all), std::min(most_messages, all))
                 : all;
  const std::uint64_t first = random.below(all - count + 1);
  const TapeWindow window{count, due_[first + count - 1] - due_[first]};
  if (count < all) {
    selection.start_offset += due_[first];
    selection.duration = window.span + Duration(1);
  }
  return window;
}

// Some flaws show only where time passes.
void Variations::draw_rate(Scenario& scenario, const TapeWindow& window, Random& random) const {
  scenario.rate = {ReplayRate::Kind::maximum, 1};
  if (window.span > longest_play && random.chance(0.3)) {
    const Duration play = draw_duration(random, shortest_play, longest_play);
    scenario.rate = {ReplayRate::Kind::multiple,
                     static_cast<double>(window.span.count() / play.count())};
    scenario.rate.value = std::max(scenario.rate.value, 1.0);
  }
}

void Variations::draw_from_arsenal(Variation& variation, Random& random) const {
  const TapeWindow window = draw_window(variation.scenario, random);
  draw_rate(variation.scenario, window, random);
  const auto add = [&](const Trouble& trouble) {
    variation.troubles.push_back(
        {std::string(trouble.name), trouble.add(variation.scenario, window, random)});
  };
  for (const Trouble* const trouble : arsenal_) {
    if (random.chance(named_ ? usual_share : trouble->share)) {
      add(*trouble);
    }
  }
  if (variation.troubles.empty()) {
    add(*arsenal_[random.below(arsenal_.size())]);
  }
}

void Variations::draw_own(Variation& variation, Random& random) const {
  Scenario& scenario = variation.scenario;
  scenario.shape.stages.clear();
  scenario.faults.clear();
  for (const ShapeStage& stage : base_.shape.stages) {
    if (random.chance(usual_share)) {
      scenario.shape.stages.push_back(stage);
      variation.troubles.push_back(
          {stage.name, scale_stage(scenario.shape.stages.back().settings, random)});
    }
  }
  for (const TimedFault& fault : base_.faults) {
    if (random.chance(usual_share)) {
      scenario.faults.push_back(fault);
      variation.troubles.push_back({fault_name(fault), ""});
    }
  }
}

}  // namespace autotape
