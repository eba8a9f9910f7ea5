#include "run/search/arsenal.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "run/search/strength.hpp"

namespace autotape {
namespace {

std::string percent(double share) {
  return fmt::format("{:g}%", share * 100);
}

// From nothing to beyond the end of what is played.
DurationDistribution draw_delay(Random& random, const TapeWindow& window) {
  if (random.chance(0.2)) {
    return FixedDuration{};
  }
  const Duration most = draw_duration(random, std::chrono::milliseconds(10),
                                      std::max<Duration>(window.span, std::chrono::seconds(1)));
  return random.chance(0.5) ? DurationDistribution(FixedDuration{most})
                            : DurationDistribution(UniformDuration{{}, most});
}

std::string describe(const DurationDistribution& delay) {
  if (const auto* const uniform = std::get_if<UniformDuration>(&delay)) {
    return "up to " + format_duration(uniform->most) + " later";
  }
  return format_duration(std::get<FixedDuration>(delay).value) + " later";
}

// ---- stages

std::string add_duplicate(Scenario& scenario, const TapeWindow& window, Random& random,
                          DuplicateClass kind) {
  DuplicateSettings duplicate;
  duplicate.probability = draw_share(random, 0.02, 0.5);
  duplicate.copies = random.chance(0.2) ? 2 : 1;
  duplicate.delay = draw_delay(random, window);
  duplicate.kind = kind;
  add_stage(scenario.shape, duplicate);
  return fmt::format("{} {}{}", percent(duplicate.probability), describe(duplicate.delay),
                     duplicate.copies > 1 ? ", twice" : "");
}

std::string duplicate(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_duplicate(scenario, window, random, DuplicateClass::same_bytes);
}

std::string changed_content(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_duplicate(scenario, window, random, DuplicateClass::changed_content);
}

std::string new_id(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_duplicate(scenario, window, random, DuplicateClass::new_id);
}

std::string stale(Scenario& scenario, const TapeWindow& window, Random& random) {
  StaleSettings stale;
  stale.probability = draw_share(random, 0.01, 0.3);
  stale.age = draw_delay(random, window);
  add_stage(scenario.shape, stale);
  return fmt::format("{} {}", percent(stale.probability), describe(stale.age));
}

std::string tie(Scenario& scenario, const TapeWindow& window, Random& random) {
  TieSettings tie;
  tie.probability = draw_share(random, 0.01, 0.3);
  tie.delay = draw_delay(random, window);
  add_stage(scenario.shape, tie);
  return fmt::format("{} {}", percent(tie.probability), describe(tie.delay));
}

std::string reorder(Scenario& scenario, const TapeWindow&, Random& random) {
  static constexpr std::array<std::pair<ReorderMode, std::string_view>, 4> modes{
      {{ReorderMode::late, "late"},
       {ReorderMode::shuffle, "shuffle"},
       {ReorderMode::reverse, "reverse"},
       {ReorderMode::swap, "swap"}}};
  const auto& [mode, name] = modes[random.below(modes.size())];
  ReorderSettings reorder;
  reorder.mode = mode;
  reorder.messages = mode == ReorderMode::swap ? 0 : draw_count(random, 2, 64);
  add_stage(scenario.shape, reorder);
  return mode == ReorderMode::swap ? std::string(name)
                                   : fmt::format("{} {} messages", name, reorder.messages);
}

std::string late(Scenario& scenario, const TapeWindow& window, Random& random) {
  DelaySettings late;
  late.late = true;
  late.probability = draw_share(random, 0.01, 0.3);
  late.delay = draw_delay(random, window);
  add_stage(scenario.shape, late);
  return fmt::format("{} {}", percent(late.probability), describe(late.delay));
}

std::string hold(Scenario& scenario, const TapeWindow& window, Random& random) {
  static constexpr std::array<std::pair<HoldOrder, std::string_view>, 3> orders{
      {{HoldOrder::kept, "kept"},
       {HoldOrder::reversed, "reversed"},
       {HoldOrder::shuffled, "shuffled"}}};
  const auto& [order, name] = orders[random.below(orders.size())];
  HoldSettings hold;
  hold.order = order;
  hold.spans.duration = draw_duration(random, std::chrono::seconds(1),
                                      std::max<Duration>(window.span, std::chrono::seconds(2)));
  hold.spans.at = Duration(
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(window.span.count()) + 1)));
  Match one_of_the_cars;
  one_of_the_cars.share_of_cars = 0.5;
  add_stage(scenario.shape, hold, one_of_the_cars);
  return fmt::format("{} from {} on, {}", format_duration(hold.spans.duration),
                     describe_duration(hold.spans.at), name);
}

std::string burst(Scenario& scenario, const TapeWindow& window, Random& random) {
  BurstSettings burst;
  burst.every = draw_duration(random, std::chrono::seconds(1),
                              std::max<Duration>(window.span, std::chrono::seconds(2)));
  add_stage(scenario.shape, burst);
  return "every " + format_duration(burst.every);
}

std::string clock_skew(Scenario& scenario, const TapeWindow&, Random& random) {
  ClockSkewSettings skew;
  const Duration most = draw_duration(random, std::chrono::seconds(1), std::chrono::hours(24));
  skew.offset = UniformDuration{-most, most};
  add_stage(scenario.shape, skew);
  return "up to " + format_duration(most);
}

std::string corrupt(Scenario& scenario, const TapeWindow&, Random& random) {
  CorruptSettings corrupt;
  corrupt.probability = draw_share(random, 0.005, 0.2);
  corrupt.kinds = {
      ActionKind::truncated,        ActionKind::wrong_type,   ActionKind::missing_member,
      ActionKind::unknown_property, ActionKind::unknown_enum, ActionKind::bad_timestamp,
      ActionKind::bad_utf8,         ActionKind::wrong_topic,  ActionKind::empty_payload};
  add_stage(scenario.shape, corrupt);
  return percent(corrupt.probability);
}

// ---- faults

std::string add_fault(Scenario& scenario, const TapeWindow& window, Random& random, Json what) {
  TimedFault fault;
  fault.after_deliveries = 1 + random.below(std::max<std::uint64_t>(window.messages, 2) - 1);
  fault.what = std::move(what);
  scenario.faults.push_back(std::move(fault));
  return fmt::format("after {} deliveries", *scenario.faults.back().after_deliveries);
}

std::string consumer_restart(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_fault(scenario, window, random, {{"consumer", "restart"}});
}

std::string consumer_kill(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_fault(scenario, window, random, {{"consumer", "kill"}});
}

std::string disconnect(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_fault(scenario, window, random, {{"fault", "disconnect"}, {"client", "consumer"}});
}

std::string disconnect_before_puback(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_fault(scenario, window, random,
                   {{"fault", "disconnect"}, {"client", "consumer"}, {"before_puback", true}});
}

std::string broker_restart(Scenario& scenario, const TapeWindow& window, Random& random) {
  return add_fault(scenario, window, random, {{"fault", "restart"}});
}

std::string slow_network(Scenario& scenario, const TapeWindow& window, Random& random) {
  const Duration latency =
      draw_duration(random, std::chrono::milliseconds(1), std::chrono::milliseconds(100));
  const std::string text = format_duration(latency);
  return text + " " +
         add_fault(scenario, window, random,
                   {{"fault", "latency"}, {"latency", text}, {"jitter", text}});
}

constexpr std::array troubles{
    Trouble{"duplicate", "the same message again", 0.5, duplicate},
    Trouble{"changed-content", "the same message_id again with another value", 0.15,
            changed_content},
    Trouble{"new-id", "the same reading again with another message_id", 0.15, new_id},
    Trouble{"stale", "an old reading as a new message", 0.2, stale},
    Trouble{"tie", "another value for the same moment", 0.15, tie},
    Trouble{"reorder", "messages out of order", 0.3, reorder},
    Trouble{"late", "messages long after their time", 0.25, late},
    Trouble{"hold", "a car offline, and then all at once", 0.2, hold},
    Trouble{"burst", "messages at certain moments only", 0.1, burst},
    Trouble{"clock-skew", "cars whose clocks are wrong", 0.1, clock_skew},
    Trouble{"corrupt", "messages that cannot be read", 0.15, corrupt},
    Trouble{"consumer-restart", "the consumer ends and is started again", 0.15, consumer_restart},
    Trouble{"consumer-kill", "the consumer is killed and started again", 0.15, consumer_kill},
    Trouble{"disconnect", "the broker closes the connection", 0.07, disconnect},
    Trouble{"disconnect-before-puback", "… before it gets an acknowledgement", 0.07,
            disconnect_before_puback},
    Trouble{"broker-restart", "the broker ends and comes back", 0.05, broker_restart},
    Trouble{"slow-network", "bytes take their time", 0.05, slow_network},
};

}  // namespace

std::span<const Trouble> arsenal() {
  return troubles;
}

}  // namespace autotape
