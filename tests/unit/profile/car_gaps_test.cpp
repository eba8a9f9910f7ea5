#include "profile/car_gaps.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

namespace {

DataTime at(Duration since_start) {
  return DataTime{std::chrono::hours(24 * 365 * 55)} + since_start;
}

CarGaps::Summary gaps_of(std::initializer_list<Duration> readings) {
  CarGaps gaps(10min);
  for (const Duration reading : readings) {
    gaps.add(1, "VF1", at(reading));
  }
  return gaps.summary();
}

}  // namespace

TEST_CASE("A gap is longer than the shortest one") {
  CHECK(gaps_of({0min, 10min, 20min}).count == 0);
  const auto gaps = gaps_of({0min, 10min, 21min, 22min, 40min});
  CHECK(gaps.count == 2);
  CHECK(gaps.longest == 18min);
  CHECK(gaps.longest_from == at(22min));
  CHECK(gaps.car == "VF1");
}

TEST_CASE("A late reading closes the gap that it falls into, or makes two of it") {
  CHECK(gaps_of({0min, 20min, 10min}).count == 0);
  CHECK(gaps_of({0min, 60min, 30min}).count == 2);
  CHECK(gaps_of({0min, 60min, 5min}).longest == 55min);
}

TEST_CASE("The order of readings makes no difference") {
  std::array<Duration, 6> readings = {0min, 9min, 30min, 31min, 70min, 75min};
  do {
    CarGaps gaps(10min);
    for (const Duration reading : readings) {
      gaps.add(1, "VF1", at(reading));
    }
    const auto summary = gaps.summary();
    REQUIRE(summary.count == 2);
    REQUIRE(summary.longest == 39min);
  } while (std::next_permutation(readings.begin(), readings.end()));
}

TEST_CASE("Cars are told apart, and no two times are too far apart") {
  CarGaps gaps(10min);
  gaps.add(1, "VF1", at(0min));
  gaps.add(2, "VF2", at(60min));
  CHECK(gaps.summary().count == 0);
  gaps.add(2, "VF2", DataTime::min());
  gaps.add(2, "VF2", DataTime::max());
  CHECK(gaps.summary().count == 2);
  CHECK(gaps.summary().longest == Duration::max());
}
