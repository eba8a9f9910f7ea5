#include "scenario/likeness.hpp"

#include <algorithm>
#include <chrono>

#include <doctest/doctest.h>

#include "generate/fleet.hpp"
#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

// What would be recorded if this were played.
std::vector<RecordedMessage> played(const FleetSettings& fleet, const Shape& shape) {
  DeliveryPlan plan([fleet] { return open_generated_tape(fleet); }, Selection{}, shape, fleet.seed);
  std::vector<RecordedMessage> messages;
  const ReceivedTime begin(fleet.start.time_since_epoch() + 200ms);
  for (const Delivery& delivery : whole_plan(plan).deliveries) {
    messages.push_back({begin + delivery.due.time_since_epoch(), *delivery.content});
  }
  return messages;
}

LikeSettings measured(const std::vector<RecordedMessage>& messages) {
  const auto reader = tape_of(messages)();
  const auto likeness = measure_likeness(**reader);
  REQUIRE(likeness);
  return likeness->settings;
}

// In seconds.
double quantile(const DurationDistribution& distribution, std::size_t percent) {
  const auto& quantiles = std::get<MeasuredDuration>(distribution).quantiles;
  REQUIRE(quantiles.size() == 101);
  return std::chrono::duration<double>(quantiles[percent]).count();
}

// Odometers come late, speeds twice, coordinates as they should.
Shape misbehaviour() {
  Shape shape;
  DelaySettings late;
  late.probability = 0.2;
  late.delay = UniformDuration{60s, 120s};
  add_stage(shape, late, {.capability = "diagnostics", .property = "odometer"});
  DuplicateSettings twice;
  twice.probability = 0.1;
  twice.delay = ExponentialDuration{20s};
  add_stage(shape, twice, {.capability = "diagnostics", .property = "speed"});
  return shape;
}

const FleetSettings recorded{.cars = 30, .duration = 20min};

}  // namespace

TEST_CASE("The disorder of a recording is measured for each property") {
  const LikeSettings like = measured(played(recorded, misbehaviour()));
  const Disorder& odometer = like.by_property.at("diagnostics.odometer");
  CHECK(odometer.share_late == doctest::Approx(0.2).epsilon(0.1));
  CHECK(quantile(odometer.delay, 50) == doctest::Approx(90).epsilon(0.1));
  CHECK(quantile(odometer.delay, 5) == doctest::Approx(63).epsilon(0.1));
  CHECK(quantile(odometer.delay, 95) == doctest::Approx(117).epsilon(0.1));
  CHECK(odometer.share_of_duplicates == 0);
  const Disorder& speed = like.by_property.at("diagnostics.speed");
  CHECK(speed.share_of_duplicates == doctest::Approx(0.1).epsilon(0.1));
  CHECK(quantile(speed.distance, 50) == doctest::Approx(20 * 0.693).epsilon(0.15));
  CHECK(speed.share_late == 0);
  const Disorder& coordinates = like.by_property.at("vehicle_location.coordinates");
  CHECK(coordinates.share_late == 0);
  CHECK(coordinates.share_of_duplicates == 0);
}

TEST_CASE("Another stream that is made like a recording has its disorder") {
  const LikeSettings like = measured(played(recorded, misbehaviour()));
  FleetSettings other = recorded;
  other.seed = 99;
  Shape shape;
  add_stage(shape, like);
  const LikeSettings again = measured(played(other, shape));
  for (const char* const property :
       {"diagnostics.odometer", "diagnostics.speed", "vehicle_location.coordinates"}) {
    CAPTURE(property);
    const Disorder& wanted = like.by_property.at(property);
    const Disorder& got = again.by_property.at(property);
    CHECK(got.share_late == doctest::Approx(wanted.share_late).epsilon(0.1));
    CHECK(got.share_of_duplicates == doctest::Approx(wanted.share_of_duplicates).epsilon(0.1));
    for (const std::size_t percent : {10U, 50U, 90U}) {
      if (wanted.share_late > 0) {
        CHECK(quantile(got.delay, percent) ==
              doctest::Approx(quantile(wanted.delay, percent)).epsilon(0.1));
      }
      if (wanted.share_of_duplicates > 0) {
        CHECK(quantile(got.distance, percent) ==
              doctest::Approx(quantile(wanted.distance, percent)).epsilon(0.2));
      }
    }
  }
}

TEST_CASE("What a recording has too little of is taken for one like all others") {
  const LikeSettings like = measured(played(recorded, misbehaviour()));
  CHECK_FALSE(like.by_property.contains("trips.distance"));
  CHECK(like.others.share_of_duplicates > 0);
  CHECK(like.others.share_of_duplicates < 0.1);
  CHECK(measured({}).others.share_late == 0);
}
