#include "generate/direction.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "generate/route.hpp"

using namespace autotape;

namespace {

constexpr double radians_in_a_degree = 3.14159265358979324 / 180;

}  // namespace

TEST_CASE("Directions are those of the mathematics library, but for its last bits") {
  for (double degrees = -720; degrees <= 720; degrees += 0.37) {
    CAPTURE(degrees);
    const UnitVector direction = direction_of(degrees);
    CHECK(std::abs(direction.east - std::sin(degrees * radians_in_a_degree)) < 1e-9);
    CHECK(std::abs(direction.north - std::cos(degrees * radians_in_a_degree)) < 1e-9);
  }
  CHECK(direction_of(0).north == 1);
  CHECK(direction_of(90).east == 1);
}

TEST_CASE("The way back ends where the way out began") {
  Random random(3, "route");
  const Place home{52.5, 13.4};
  const auto route = make_route(random, 20'000);
  Place place = home;
  for (const Way way : {Way::out, Way::back}) {
    for (std::size_t i = 0; i < route.size(); ++i) {
      const Leg leg = leg_of(route, way, i);
      place = moved(place, degrees_for_a_metre(place, leg), static_cast<double>(leg.length));
    }
  }
  CHECK(std::abs(place.latitude - home.latitude) < 1e-6);  // 10 centimetres
  CHECK(std::abs(place.longitude - home.longitude) < 1e-6);
}
