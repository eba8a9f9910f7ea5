#include "run/fault_driver.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include "run/search/recorded_run.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

// As many deliveries, one due at each full second from 1 s on.
std::unique_ptr<DeliverySource> plan_of(std::uint64_t count) {
  std::vector<Delivery> deliveries(count);
  for (std::uint64_t number = 1; number <= count; ++number) {
    deliveries[number - 1].index = number;
    deliveries[number - 1].due = DueTime(std::chrono::seconds(number));
  }
  return plan_of_deliveries(std::move(deliveries), {});
}

TimedFault fault(const std::string& name) {
  TimedFault one;
  one.what = {{"fault", name}};
  return one;
}
TimedFault after(std::uint64_t deliveries, const std::string& name = "counted") {
  TimedFault one = fault(name);
  one.after_deliveries = deliveries;
  return one;
}
TimedFault at(Duration time, const std::string& name = "timed") {
  TimedFault one = fault(name);
  one.at = DueTime(time);
  return one;
}

constexpr ReplayRate as_fast_as_can_be{ReplayRate::Kind::maximum, 0};

// Takes all deliveries of a plan in a thread of its own, and strikes meanwhile.
struct Played {
  std::vector<std::string> strikes;  // "counted after 3": what had been taken by then
  std::vector<FaultFate> fates;
};

Played play(std::vector<TimedFault> faults, std::uint64_t deliveries,
            const std::string& event = {}) {
  Played played;
  ChangeSignal changed;
  FaultDriver driver(std::move(faults), as_fast_as_can_be, changed);
  std::atomic<std::uint64_t> taken = 0;
  std::atomic<bool> over = false;
  std::thread player([&, plan = driver.gated(plan_of(deliveries))] {
    for (auto item = plan->next(); item && *item; item = plan->next()) {
      ++taken;
    }
    over = true;
    changed.notify();
  });
  const auto strike = [&](std::size_t, const Json& what) -> Result<FaultFate> {
    played.strikes.push_back(what["fault"].get<std::string>() + " after " + std::to_string(taken));
    return FaultFate{};
  };
  while (!over) {
    changed.wait_for(1s, [&] { return over || driver.held_after(); });
    REQUIRE(driver.strike_due(
        monotonic_now(), [&](const auto& seen) { return seen == event; }, strike));
  }
  player.join();
  played.fates = driver.fates();
  return played;
}

}  // namespace

TEST_CASE("where no time passes, a fault at a time strikes before the first delivery due then") {
  const Played played = play({at(4s), at(6500ms, "later"), after(2)}, 10);
  CHECK(played.strikes ==
        std::vector<std::string>{"counted after 2", "timed after 3", "later after 6"});
}

TEST_CASE("a fault after the last delivery strikes at the end") {
  CHECK(play({after(10)}, 10).strikes == std::vector<std::string>{"counted after 10"});
  CHECK(play({after(0)}, 10).strikes == std::vector<std::string>{"counted after 0"});
}

TEST_CASE("a fault whose moment never came is told with the reason") {
  TimedFault on_event = fault("on event");
  on_event.on_event = "redelivered";
  const Played played = play({after(99'999), at(2h), after(1), on_event}, 10, "connected");
  REQUIRE(played.fates.size() == 4);
  CHECK(played.fates[0].why_not == "the stream ended before");
  CHECK_FALSE(played.fates[1].struck);
  CHECK(played.fates[2].struck);
  CHECK(played.fates[3].why_not == "the broker had no event \"redelivered\"");
}

TEST_CASE("a fault whose moment lies ahead may still strike while time passes, and no other") {
  ChangeSignal changed;
  CHECK(FaultDriver({at(2h)}, ReplayRate{}, changed).may_still_strike());
  CHECK_FALSE(FaultDriver({at(2h)}, as_fast_as_can_be, changed).may_still_strike());
  CHECK_FALSE(FaultDriver({after(99'999)}, ReplayRate{}, changed).may_still_strike());
}

TEST_CASE("a replay is at its end when it has asked for all, and a fault there has struck") {
  ChangeSignal changed;
  FaultDriver driver({}, as_fast_as_can_be, changed);
  const auto plan = driver.gated(plan_of(1));
  REQUIRE(plan->next());
  CHECK_FALSE(driver.at_end());
  REQUIRE(plan->next());
  CHECK(driver.at_end());
}

TEST_CASE("no fault strikes once the driver was released, whatever its moment") {
  ChangeSignal changed;
  TimedFault on_event = fault("on event");
  on_event.on_event = "connected";
  FaultDriver driver({at(0s), on_event}, ReplayRate{}, changed);
  driver.release();
  const auto struck = driver.strike_due(
      monotonic_now(), [](const std::string&) { return true; },
      [](std::size_t, const Json&) -> Result<FaultFate> { return usage_error("it struck"); });
  CHECK(struck.ok());
  CHECK(driver.fates().front().why_not == "the run was cut short");
}
