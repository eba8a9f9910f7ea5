// Sines that are the same on every machine: those of the mathematics library differ in their last
// bits.
#pragma once

namespace autotape {

// A step of length 1.
struct UnitVector {
  double east = 0;
  double north = 1;
};

// The direction of a compass heading, in degrees clockwise from north. Exact to 1e-9.
UnitVector direction_of(double degrees);

// Of a latitude; how much shorter a degree of longitude is there than at the equator.
double cosine_of_latitude(double degrees);

}  // namespace autotape
