#include "generate/car_instruments.hpp"

#include <algorithm>
#include <array>

#include "generate/direction.hpp"

namespace autotape {

bool drives(const CarState& car) {
  return car.phase == Phase::driving;
}
bool charges(const CarState& car) {
  return car.phase == Phase::charging;
}
bool is_locked(const CarState& car) {
  return car.phase == Phase::asleep || car.phase == Phase::charging;
}

double speed_in_kmh(const CarState& car) {
  return car.speed * 3.6;
}

double engine_rpm(const CarState& car) {
  struct Gear {
    double up_to;         // kilometres per hour
    double rpm_for_each;  // of them
  };
  constexpr std::array<Gear, 6> gears{
      {{15, 120}, {30, 75}, {50, 52}, {70, 40}, {90, 32}, {1000, 26}}};
  const double speed = speed_in_kmh(car);
  const auto* const gear =
      std::find_if(gears.begin(), gears.end(), [&](const Gear& g) { return speed < g.up_to; });
  return std::max(820.0, speed * gear->rpm_for_each);
}

double altitude(const CarState& car) {
  return 240 + 60 * direction_of(car.place.latitude * 9'000).north +
         40 * direction_of(car.place.longitude * 7'000).east;
}

double range_in_km(const CarState& car) {
  return car.energy / car.consumption;
}

double tire_warmth(const CarState& car) {
  return drives(car) ? std::min(25.0, car.step / 30.0) : 0;
}

double energy_used(const CarState& car) {
  return std::max(car.trip_start_energy - car.energy, 0.0);
}

double used_for_100_km(const CarState& car) {
  const double km = car.trip_distance() / 1000;
  return km > 0.1 ? std::min(energy_used(car) / km * 100, 60.0) : car.consumption * 100;
}

double charge_limit_left(const CarState& car) {
  return std::max(0.9 * car.capacity - car.energy, 0.0);
}

}  // namespace autotape
