#include "generate/route.hpp"

#include <algorithm>

#include "generate/direction.hpp"

namespace autotape {
namespace {

constexpr double metres_in_a_degree = 111'320;  // of latitude

Leg make_leg(double heading, double length, double cruise, double wait) {
  return {static_cast<float>(heading), static_cast<float>(length), static_cast<float>(cruise),
          static_cast<float>(wait)};
}

Leg town_leg(Random& random, double heading) {
  const double length = 180 + 420 * random.uniform();
  const double cruise = random.chance(0.25) ? 8.3 : 13.9;  // 30 or 50 km/h
  const double wait = random.chance(0.33) ? 6 + 34 * random.uniform() : 0;
  return make_leg(heading, length, cruise, wait);
}

Leg fast_leg(Random& random, double heading) {
  const double length = 900 + 2600 * random.uniform();
  const double cruise = random.chance(0.5) ? 27.8 : 33.3;  // 100 or 120 km/h
  return make_leg(heading, length, cruise, 0);
}

double turned(double heading, double by) {
  const double angle = heading + by;
  return angle < 0 ? angle + 360 : angle >= 360 ? angle - 360 : angle;
}

}  // namespace

Place degrees_for_a_metre(Place from, const Leg& leg) {
  const UnitVector direction = direction_of(leg.heading);
  const double north = direction.north / metres_in_a_degree;
  // In the middle of the leg, so that the way back is the same.
  const double middle = from.latitude + north * leg.length / 2;
  return {north, direction.east / metres_in_a_degree / cosine_of_latitude(middle)};
}

Place moved(Place from, Place degrees, double metres) {
  return {from.latitude + degrees.latitude * metres, from.longitude + degrees.longitude * metres};
}

std::vector<Leg> make_route(Random& random, double metres) {
  constexpr double town_share = 0.25;  // at each end
  constexpr double shortest_with_fast_road = 5000;
  const double general_heading = 360 * random.uniform();
  std::vector<Leg> route;
  double made = 0;
  while (made < metres) {
    const bool fast = metres >= shortest_with_fast_road && made > metres * town_share &&
                      made < metres * (1 - town_share);
    const double bend = (random.uniform() - 0.5) * (fast ? 30 : 100);
    const double heading = turned(general_heading, bend);
    Leg leg = fast ? fast_leg(random, heading) : town_leg(random, heading);
    leg.length = std::min(leg.length, static_cast<float>(metres - made + 60));
    made += leg.length;
    route.push_back(leg);
  }
  return route;
}

Leg leg_of(const std::vector<Leg>& route, Way way, std::size_t index) {
  if (way == Way::out) {
    return route[index];
  }
  const std::size_t place = route.size() - 1 - index;
  Leg leg = route[place];
  leg.heading = static_cast<float>(turned(leg.heading, 180));
  // The light at the end of a leg stands, for who comes back, at the end of the leg behind it.
  leg.wait = place > 0 ? route[place - 1].wait : 0;
  return leg;
}

}  // namespace autotape
