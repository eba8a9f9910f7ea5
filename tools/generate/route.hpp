// The ways that a car knows: straight legs, driven out in the morning and back in the evening.
#pragma once

#include <cstddef>
#include <vector>

#include "core/random.hpp"

namespace autotape {

struct Place {
  double latitude = 0;
  double longitude = 0;
};

struct Leg {
  float heading = 0;  // degrees clockwise from north
  float length = 0;   // metres
  float cruise = 0;   // metres per second
  float wait = 0;     // seconds at its end: a red light; 0: a bend
};

// How latitude and longitude change with each metre on a leg that begins here.
Place degrees_for_a_metre(Place from, const Leg& leg);

Place moved(Place from, Place degrees_for_a_metre, double metres);

// Town, then a faster road, then town again; about `metres` long. One in three legs in town ends at
// a red light.
std::vector<Leg> make_route(Random& random, double metres);

enum class Way { out, back };

// The leg that is driven as the index-th on this way.
Leg leg_of(const std::vector<Leg>& route, Way way, std::size_t index);

}  // namespace autotape
