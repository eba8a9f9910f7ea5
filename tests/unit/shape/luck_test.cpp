// Statistics: chances and orders are as likely as a scenario says. The luck is always the same, so
// that nothing here fails by chance.
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include <doctest/doctest.h>

#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t message_count = 20'000;

WholePlan planned(StageSettings settings, Match match = {}, std::uint64_t cars = 1) {
  return shaped(numbered_messages(message_count, cars, 1ms),
                one_stage(std::move(settings), std::move(match)));
}

std::uint64_t count_with(const WholePlan& plan, ActionKind kind) {
  return static_cast<std::uint64_t>(
      std::count_if(plan.deliveries.begin(), plan.deliveries.end(),
                    [kind](const Delivery& delivery) { return delivery.has(kind); }));
}

// So many of `tries` at this chance: within four standard deviations, which is left by one try in
// 16,000.
void check_share(std::uint64_t count, double chance, std::uint64_t tries = message_count) {
  const double expected = chance * static_cast<double>(tries);
  CHECK(std::abs(static_cast<double>(count) - expected) <
        4 * std::sqrt(expected * (1 - chance)) + 1);
}

// Pearson's chi-squared of counts that should all be the same.
double chi_squared(const std::vector<std::uint64_t>& counts) {
  double total = 0;
  for (const std::uint64_t count : counts) {
    total += static_cast<double>(count);
  }
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const std::uint64_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

}  // namespace

TEST_CASE("As many messages are chosen as the probability says") {
  for (const double chance : {0.01, 0.1, 0.5, 0.9}) {
    CAPTURE(chance);
    check_share(count_with(planned(DuplicateSettings{chance}), ActionKind::copied), chance);
    check_share(count_with(planned(DelaySettings{chance, FixedDuration{1s}}), ActionKind::delayed),
                chance);
    check_share(count_with(planned(CorruptSettings{chance, {ActionKind::truncated}}),
                           ActionKind::truncated),
                chance);
    check_share(planned(DropSettings{chance}).drops.size(), chance);
    check_share(planned(DropSettings{1}, Match{.share = chance}).drops.size(), chance);
  }
}

TEST_CASE("As many cars are chosen as the share says") {
  constexpr std::uint64_t cars = 2000;
  const WholePlan plan = planned(DropSettings{1}, Match{.share_of_cars = 0.3}, cars);
  check_share(plan.drops.size() / (message_count / cars), 0.3, cars);
}

TEST_CASE("The choices of one stage say nothing of those of another") {
  Shape shape;
  add_stage(shape, DelaySettings{0.5, FixedDuration{}});
  add_stage(shape, DuplicateSettings{0.5});
  add_stage(shape, DropSettings{0.5});
  const WholePlan plan = shaped(numbered_messages(message_count, 1, 1ms), shape);
  std::uint64_t dropped_copies = 0;
  for (const Drop& drop : plan.drops) {
    dropped_copies += drop.copy == 0 ? 0U : 1U;
  }
  check_share(dropped_copies, 0.25);
  check_share(plan.drops.size() - dropped_copies, 0.5);
}

TEST_CASE("Each kind of corruption is as likely as the others") {
  const std::vector<ActionKind> kinds{ActionKind::truncated, ActionKind::wrong_type,
                                      ActionKind::bad_utf8, ActionKind::wrong_topic};
  const WholePlan plan = planned(CorruptSettings{1, kinds});
  std::vector<std::uint64_t> counts;
  for (const ActionKind kind : kinds) {
    counts.push_back(count_with(plan, kind));
  }
  CHECK(chi_squared(counts) < 16.3);  // 3 degrees of freedom, exceeded by one in 1,000
}

TEST_CASE("A shuffle gives every order of its block as often as any other") {
  const WholePlan plan = planned(ReorderSettings{ReorderMode::shuffle, 4});
  std::map<std::array<std::uint64_t, 4>, std::uint64_t> orders;
  for (std::size_t block = 0; block < message_count / 4; ++block) {
    std::array<std::uint64_t, 4> order{};
    for (std::size_t i = 0; i < 4; ++i) {
      order[i] = plan.deliveries[block * 4 + i].message - block * 4;
    }
    ++orders[order];
  }
  REQUIRE(orders.size() == 24);
  std::vector<std::uint64_t> counts;
  for (const auto& [order, count] : orders) {
    counts.push_back(count);
  }
  CHECK(chi_squared(counts) < 49.7);  // 23 degrees of freedom, one in 1,000
}

TEST_CASE("Each car's clock is wrong by a duration of its own, from the distribution") {
  constexpr std::uint64_t cars = 4000;
  const auto messages = numbered_messages(cars, cars, 1ms);
  const WholePlan plan =
      shaped(messages, one_stage(ClockSkewSettings{UniformDuration{-100s, 100s}}));
  std::vector<std::uint64_t> slow_or_fast(2);
  for (const Delivery& delivery : plan.deliveries) {
    const bool slow = delivery.content->payload.find("T06:5") != std::string::npos;
    ++slow_or_fast[slow ? 0 : 1];
  }
  CHECK(chi_squared(slow_or_fast) < 10.8);  // 1 degree of freedom, one in 1,000
}

TEST_CASE("What a normal delay cuts off below zero arrives at once") {
  const WholePlan plan = planned(DelaySettings{1, NormalDuration{1s, 1s}});
  // A normal variable is below its mean by more than one deviation in 15.87 % of all cases.
  check_share(message_count - count_with(plan, ActionKind::delayed), 0.1587);
}
