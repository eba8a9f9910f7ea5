#include "generate/direction.hpp"

namespace autotape {
namespace {

constexpr double radians_in_a_degree = 3.14159265358979324 / 180;

// Taylor's series; for angles up to 45 degrees the first term left out is below 1e-10.
double small_sine(double degrees) {
  const double x = degrees * radians_in_a_degree;
  const double s = x * x;
  return x * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110)))));
}

double small_cosine(double degrees) {
  const double x = degrees * radians_in_a_degree;
  const double s = x * x;
  return 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90))));
}

}  // namespace

UnitVector direction_of(double degrees) {
  const double turns = degrees / 360;
  double rest = degrees - 360 * static_cast<double>(static_cast<long long>(turns));
  if (rest < 0) {
    rest += 360;
  }
  // The nearest of north, east, south, west, and what is left to it: at most 45 degrees.
  const int quarter = static_cast<int>((rest + 45) / 90) % 4;
  const double angle = rest - 90 * static_cast<int>((rest + 45) / 90);
  const double sine = small_sine(angle);
  const double cosine = small_cosine(angle);
  switch (quarter) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

double cosine_of_latitude(double degrees) {
  return direction_of(degrees).north;
}

}  // namespace autotape
