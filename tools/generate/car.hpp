// One car of a synthetic fleet: where it is, how it drives, what its sensors show.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "generate/calendar.hpp"
#include "generate/route.hpp"

namespace autotape {

enum class Powertrain { combustion, electric };
inline constexpr std::size_t powertrain_count = 2;

// What a car does; it decides how often its sensors are read.
enum class Phase {
  asleep,  // every three hours
  awake,   // each second, as while driving: doors, lights, ignition
  driving,
  charging,  // each minute
};
inline constexpr std::size_t phase_count = 4;

// What just happened; most readings then follow at once.
enum class CarEvent { none, woke, set_off, stopped, fell_asleep, plugged_in, charged };
inline constexpr std::size_t car_event_count = 7;

// What the sensors of a car show at one moment.
struct CarState {
  DataTime time;
  Phase phase = Phase::asleep;
  CarEvent event = CarEvent::none;
  std::uint32_t step = 0;  // since the phase began: seconds, or minutes of charging

  Powertrain powertrain = Powertrain::combustion;
  unsigned fraction_digits = 3;  // of a second, in its timestamps: 0, 3 or 6
  Place place{};
  double heading = 0;       // degrees
  double speed = 0;         // metres per second
  double acceleration = 0;  // metres per second squared
  double odometer = 0;      // metres; never less than before

  double capacity = 0;     // litres, or kilowatt hours
  double energy = 0;       // of them, left
  double consumption = 0;  // litres or kilowatt hours for each kilometre
  double coolant = 0;      // degrees Celsius, as all temperatures: of the engine or the battery
  double inside = 0;
  double outside = 0;
  double rain = 0;                        // 0 to 1
  std::array<double, 4> tire_pressure{};  // kilopascals, at 20 degrees

  // Of the trip that goes on, or of the last one.
  DataTime trip_start;
  Place trip_from{};
  double trip_start_odometer = 0;
  double trip_start_energy = 0;
  double trip_top_speed = 0;

  double trip_distance() const { return odometer - trip_start_odometer; }
  double energy_share() const { return energy / capacity; }
};

// Steps from one moment to the next at which the car's sensors are read. What happens to a car
// depends on (seed, number, start) alone, whatever the others do.
class Car {
 public:
  // The car as it is shortly before `start`.
  Car(std::uint64_t seed, std::uint64_t number, DataTime start);

  // Goes on to the car's next moment, which is at `start` or later.
  void advance();

  const CarState& state() const { return state_; }

 private:
  void begin(DataTime start);
  void step_asleep();
  void step_awake();
  void step_driving();
  void step_charging();
  void enter(Phase phase, CarEvent event);
  void pass_time(Duration duration);
  void plan_departure(const Departure& departure);
  void set_off();
  void start_leg(double done);
  void arrive();
  void use_energy(double metres);
  bool wants_to_charge() const;
  double wanted_speed(const Leg& leg, double left, double speed_at_end) const;
  double outside_at(DataTime time) const;
  const std::vector<Leg>& route() const;
  Leg leg(std::size_t index) const;
  DataTime aligned(DataTime time) const;

  CarState state_;
  Random random_;
  DataTime start_;
  Duration second_offset_;  // of the whole seconds at which this car's sensors are read
  Habits habits_;
  std::array<Place, 3> stops_;  // by Stop
  std::vector<Leg> to_work_;
  std::vector<Leg> to_shop_;

  Stop at_ = Stop::home;  // or where it comes from
  Stop to_ = Stop::home;
  DataTime departs_;
  DataTime awake_ends_;
  bool leaving_ = false;  // awake before a trip, not after one

  std::size_t leg_ = 0;
  Place leg_start_{};
  Place leg_step_{};      // degrees for a metre
  double leg_done_ = 0;   // metres
  double red_light_ = 0;  // seconds left
  double mood_ = 0;       // how much faster than the others this driver goes
};

}  // namespace autotape
