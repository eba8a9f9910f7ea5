#include "run/search/limit_probe.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape {
namespace {

using Unit = VariedValue::Unit;

constexpr std::size_t most_deliveries = 100'000;

// So many messages come again or late: one alone might be of a kind that nobody cares for.
constexpr std::size_t probed_messages = 5;

constexpr std::array probes{
    LimitProbeName{"dedup-messages", LimitProbe::dedup_messages, Unit::number,
                   "a message again, after so many others"},
    LimitProbeName{"dedup-time", LimitProbe::dedup_time, Unit::duration,
                   "a message again, after so long"},
    LimitProbeName{"lateness", LimitProbe::lateness, Unit::duration,
                   "messages so long after their time, in the tape's time"},
    LimitProbeName{"rate", LimitProbe::rate, Unit::rate, "so many messages in a second"},
};

constexpr StageAction copied{0, ActionKind::copied};
constexpr StageAction late{0, ActionKind::late};

void number_anew(std::vector<Delivery>& deliveries) {
  std::uint64_t index = 0;
  for (Delivery& delivery : deliveries) {
    delivery.index = ++index;
  }
}

Delivery copy_of(const Delivery& delivery) {
  Delivery copy = delivery;
  copy.copy += 1;
  copy.actions.push_back(copied);
  return copy;
}

// The first ones come again when `others` more have been sent.
Result<std::vector<Delivery>> again_after_messages(std::size_t others,
                                                   const std::vector<Delivery>& plain) {
  if (others + 1 > plain.size()) {
    return usage_error(fmt::format("the tape has {} messages, and {} are wanted between two copies",
                                   describe_count(plain.size()), describe_count(others)),
                       "take a longer tape, or --loop it");
  }
  const std::size_t again = std::min(probed_messages, plain.size() - others);
  std::vector<Delivery> deliveries;
  for (std::size_t i = 0; i < others + again; ++i) {
    deliveries.push_back(plain[i]);
    if (i >= others) {  // of which `others` came since
      deliveries.push_back(copy_of(plain[i - others]));
    }
  }
  return deliveries;
}

std::vector<Delivery> again_after_time(Duration time, const std::vector<Delivery>& plain) {
  const std::size_t again = std::min(probed_messages, plain.size());
  std::vector<Delivery> deliveries(plain.begin(),
                                   plain.begin() + static_cast<std::ptrdiff_t>(again));
  for (std::size_t i = 0; i < again; ++i) {
    deliveries[i].due = DueTime{};
    deliveries.push_back(copy_of(deliveries[i]));
    deliveries.back().due = DueTime(time);
  }
  return deliveries;
}

Result<std::vector<Delivery>> late_by(Duration time, const std::vector<Delivery>& plain) {
  const Duration span = plain.back().due - plain.front().due;
  if (time > span) {
    return usage_error(fmt::format("the tape lasts {}, and messages are to be {} late",
                                   describe_duration(span), describe_duration(time)),
                       "take a longer tape, or --loop it");
  }
  std::vector<Delivery> deliveries = plain;
  const std::size_t step = std::max<std::size_t>(1, plain.size() / (4 * probed_messages));
  for (std::size_t i = 0; i < probed_messages && i * step < deliveries.size(); ++i) {
    Delivery& delivery = deliveries[i * step];
    if (delivery.due + time <= plain.back().due) {
      delivery.due += time;
      delivery.actions.push_back(late);
    }
  }
  std::stable_sort(deliveries.begin(), deliveries.end(),
                   [](const Delivery& a, const Delivery& b) { return a.due < b.due; });
  return deliveries;
}

Duration duration_of(const VariedValue& value) {
  return Duration(static_cast<std::int64_t>(std::llround(value.value * 1e9)));
}

}  // namespace

std::span<const LimitProbeName> limit_probes() {
  return probes;
}

std::optional<LimitProbeName> limit_probe(std::string_view name) {
  const auto found = std::find_if(probes.begin(), probes.end(),
                                  [&](const LimitProbeName& one) { return one.name == name; });
  return found == probes.end() ? std::nullopt : std::optional(*found);
}

Result<std::vector<Delivery>> plain_deliveries(const Scenario& scenario) {
  Scenario plain = scenario;
  plain.shape = {};
  AUTOTAPE_TRY_ASSIGN(const auto plan, plan_scenario(plain));
  std::vector<Delivery> deliveries;
  while (deliveries.size() < most_deliveries) {
    AUTOTAPE_TRY_ASSIGN(auto item, plan->next());
    if (!item) {
      break;
    }
    if (auto* const delivery = std::get_if<Delivery>(&*item)) {
      deliveries.push_back(std::move(*delivery));
    }
  }
  if (deliveries.empty()) {
    return usage_error(scenario.tape + ": has no message to play",
                       "check the tape, and what the scenario selects of it");
  }
  return deliveries;
}

Result<std::vector<Delivery>> probing_deliveries(LimitProbe probe, const VariedValue& value,
                                                 const std::vector<Delivery>& plain,
                                                 Scenario& scenario) {
  scenario.rate = {ReplayRate::Kind::maximum, 1};
  std::vector<Delivery> deliveries;
  switch (probe) {
    case LimitProbe::dedup_messages: {
      const auto others = static_cast<std::size_t>(std::max(value.value, 0.0));
      AUTOTAPE_TRY_ASSIGN(deliveries, again_after_messages(others, plain));
      break;
    }
    case LimitProbe::dedup_time:
      scenario.rate = {ReplayRate::Kind::multiple, 1};
      deliveries = again_after_time(duration_of(value), plain);
      break;
    case LimitProbe::lateness: {
      AUTOTAPE_TRY_ASSIGN(deliveries, late_by(duration_of(value), plain));
      break;
    }
    case LimitProbe::rate:
      scenario.rate = {ReplayRate::Kind::per_second, std::max(value.value, 1.0)};
      deliveries = plain;
      break;
  }
  number_anew(deliveries);
  return deliveries;
}

}  // namespace autotape
