// Each stage keeps the windows and delays that it was given, whatever they are.
#include <map>

#include <doctest/doctest.h>

#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t message_count = 400;
constexpr Duration interval = 100ms;

DueTime own_time(std::uint64_t message) {
  return DueTime(interval * static_cast<std::int64_t>(message - 1));
}

WholePlan planned(StageSettings settings, std::uint64_t seed, std::uint64_t cars = 1) {
  return shaped(numbered_messages(message_count, cars, interval), one_stage(std::move(settings)),
                seed);
}

template <typename Check>
void for_random_numbers(Check check) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    Random random(seed, "windows");
    check(seed, random);
  }
}

Duration some_duration(Random& random) {
  return 1ms * static_cast<std::int64_t>(1 + random.below(5000));
}

}  // namespace

TEST_CASE("A delay lies within its distribution") {
  for_random_numbers([](std::uint64_t seed, Random& random) {
    const Duration least = some_duration(random);
    const Duration most = least + some_duration(random);
    for (const Delivery& delivery :
         planned(DelaySettings{1, UniformDuration{least, most}}, seed).deliveries) {
      const Duration waited = delivery.due - own_time(delivery.message);
      REQUIRE(waited >= least);
      REQUIRE(waited <= most);
    }
  });
}

TEST_CASE(
    "A copy comes so long after its message as its distribution says, and there are so many") {
  for_random_numbers([](std::uint64_t seed, Random& random) {
    const auto copies = static_cast<std::uint32_t>(1 + random.below(4));
    const Duration least = some_duration(random);
    const Duration most = least + some_duration(random);
    std::map<std::uint64_t, std::uint32_t> copies_of;
    for (const Delivery& delivery :
         planned(DuplicateSettings{0.5, copies, UniformDuration{least, most}}, seed).deliveries) {
      if (delivery.copy == 0) {
        REQUIRE(delivery.due == own_time(delivery.message));
        continue;
      }
      ++copies_of[delivery.message];
      REQUIRE(delivery.due >= own_time(delivery.message) + least);
      REQUIRE(delivery.due <= own_time(delivery.message) + most);
    }
    for (const auto& [message, count] : copies_of) {
      REQUIRE(count == copies);
    }
  });
}

TEST_CASE("Reordered by messages, none is further from its place than the window") {
  for_random_numbers([](std::uint64_t seed, Random& random) {
    const std::uint64_t window = 1 + random.below(40);
    for (const auto mode : {ReorderMode::late, ReorderMode::shuffle, ReorderMode::reverse}) {
      const WholePlan plan = planned(ReorderSettings{mode, window}, seed);
      REQUIRE(plan.deliveries.size() == message_count);
      for (const Delivery& delivery : plan.deliveries) {
        const auto place = static_cast<std::int64_t>(delivery.index);
        const auto own_place = static_cast<std::int64_t>(delivery.message);
        REQUIRE(std::abs(place - own_place) <= static_cast<std::int64_t>(window));
        REQUIRE(delivery.due <= own_time(std::min(delivery.message + window, message_count)));
      }
    }
  });
}

TEST_CASE("Reordered in time, none waits longer than the window") {
  for_random_numbers([](std::uint64_t seed, Random& random) {
    const Duration window = some_duration(random);
    for (const auto mode : {ReorderMode::late, ReorderMode::shuffle, ReorderMode::reverse}) {
      for (const Delivery& delivery : planned(ReorderSettings{mode, 0, window}, seed).deliveries) {
        REQUIRE(delivery.due >= own_time(delivery.message));
        REQUIRE(delivery.due <= own_time(delivery.message) + window);
      }
    }
  });
}

TEST_CASE("Reordered in time within cars, each car keeps its places among the others") {
  const WholePlan plan =
      planned(ReorderSettings{ReorderMode::reverse, 0, 1s, ReorderScope::car}, 1, /*cars=*/2);
  // Windows of ten messages; odd numbers are CAR1's.
  CHECK(std::vector<std::uint64_t>{9, 10, 7, 8, 5, 6, 3, 4, 1, 2} == [&] {
    auto numbers = message_numbers(plan);
    numbers.resize(10);
    return numbers;
  }());
}

TEST_CASE("What a car could not send comes at the end of its silence, the rest at its own time") {
  for_random_numbers([](std::uint64_t seed, Random& random) {
    const Spans spans{some_duration(random), some_duration(random), 20s};
    for (const auto order : {HoldOrder::kept, HoldOrder::reversed, HoldOrder::shuffled}) {
      for (const Delivery& delivery : planned(HoldSettings{spans, order}, seed).deliveries) {
        const DueTime own = own_time(delivery.message);
        const auto end = spans.end_of_span_at(own.time_since_epoch());
        REQUIRE(delivery.due == (end ? DueTime(*end) : own));
      }
    }
  });
}

TEST_CASE("Bursts and limited rates keep their intervals") {
  for_random_numbers([](std::uint64_t seed, Random& random) {
    const Duration every = some_duration(random);
    for (const Delivery& delivery : planned(BurstSettings{every}, seed).deliveries) {
      REQUIRE(delivery.due.time_since_epoch() % every == 0ns);
      REQUIRE(delivery.due - own_time(delivery.message) < every);
    }
    const double per_second = 1 + 50 * random.uniform();
    const auto least = Duration(static_cast<std::int64_t>(1e9 / per_second) - 1);
    const WholePlan paced = planned(RateSettings{per_second}, seed);
    for (std::size_t i = 1; i < paced.deliveries.size(); ++i) {
      REQUIRE(paced.deliveries[i].due - paced.deliveries[i - 1].due >= least);
    }
  });
}
