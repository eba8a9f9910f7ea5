#include "generate/car.hpp"

#include <algorithm>
#include <cmath>

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr Duration heartbeat = 3h;     // of a car that sleeps
constexpr Duration before_trip = 15s;  // from the opened door to the first metre
constexpr Duration after_trip = 25s;
constexpr double hard_brake = 3.5;  // metres per second squared
constexpr double soft_brake = 2.2;
constexpr double pull_away = 1.7;
constexpr double charger_power = 11;  // kilowatts
constexpr double charge_limit = 0.9;

std::size_t place_of(Stop stop) {
  return static_cast<std::size_t>(stop);
}

double between(Random& random, double least, double most) {
  return least + random.uniform() * (most - least);
}

Place end_of(Place from, const std::vector<Leg>& route) {
  for (const Leg& leg : route) {
    from = moved(from, degrees_for_a_metre(from, leg), leg.length);
  }
  return from;
}

// Warmest at 15:00, coldest at 3:00.
double warmth_of_day(double hour) {
  const double from_warmest = hour > 15 ? hour - 15 : 15 - hour;
  return 1 - std::min(from_warmest, 24 - from_warmest) / 6;
}

// Of two legs, at the bend between them.
double bend_speed(const Leg& leg, const Leg& next) {
  constexpr double town = 20;
  const double slower = std::min(leg.cruise, next.cruise);
  return slower < town ? 7 : slower * 0.9;
}

}  // namespace

Car::Car(std::uint64_t seed, std::uint64_t number, DataTime start)
    : random_(seed, "car", number), start_(start), habits_(make_habits(random_)) {
  // Two of five are electric: the same ones under every seed.
  const bool electric = number % 5 == 1 || number % 5 == 3;
  state_.powertrain = electric ? Powertrain::electric : Powertrain::combustion;
  state_.capacity = electric ? 64 : 52;
  state_.consumption = electric ? between(random_, 0.15, 0.2) : between(random_, 0.055, 0.085);
  state_.energy = state_.capacity * between(random_, 0.35, 0.9);
  state_.odometer = std::floor(between(random_, 3e6, 160e6));
  for (double& pressure : state_.tire_pressure) {
    pressure = between(random_, 228, 252);
  }

  const double how_exact = random_.uniform();
  state_.fraction_digits = how_exact < 0.1 ? 0 : how_exact < 0.9 ? 3 : 6;
  constexpr std::array<std::uint64_t, 3> units_in_a_second{1, 1'000, 1'000'000};
  const std::uint64_t units = units_in_a_second[state_.fraction_digits / 3U];
  second_offset_ = Duration(1'000'000'000 / units * random_.below(units));

  const Place home{between(random_, 47.5, 53.5), between(random_, 6.5, 13.5)};
  to_work_ = make_route(random_, between(random_, 6'000, 38'000));
  to_shop_ = make_route(random_, between(random_, 1'200, 4'800));
  stops_ = {home, end_of(home, to_work_), end_of(home, to_shop_)};
  begin(start);
}

void Car::begin(DataTime start) {
  state_.place = stops_[place_of(Stop::home)];
  state_.heading = to_work_.front().heading;
  plan_departure(first_departure(start, habits_, random_));
  const Duration asleep_for(static_cast<std::int64_t>(between(random_, 60e9, 10'000e9)));
  state_.time = aligned(std::min(start, departs_) - asleep_for);
  state_.outside = outside_at(state_.time);
  state_.coolant = state_.inside = state_.outside;
  state_.trip_start = state_.time;
  state_.trip_from = state_.place;
  state_.trip_start_odometer = state_.odometer;
  state_.trip_start_energy = state_.energy;
}

void Car::advance() {
  do {
    state_.event = CarEvent::none;
    ++state_.step;
    switch (state_.phase) {
      case Phase::asleep:
        step_asleep();
        break;
      case Phase::awake:
        step_awake();
        break;
      case Phase::driving:
        step_driving();
        break;
      case Phase::charging:
        step_charging();
        break;
    }
  } while (state_.time < start_);
}

DataTime Car::aligned(DataTime time) const {
  return std::chrono::floor<std::chrono::seconds>(time) + second_offset_;
}

double Car::outside_at(DataTime time) const {
  return 9 + 6 * warmth_of_day(local_hour(time)) -
         (stops_[0].latitude - 50.5);  // colder in the north
}

void Car::enter(Phase phase, CarEvent event) {
  state_.phase = phase;
  state_.event = event;
  state_.step = 0;
}

// Warms up what runs; all else cools down.
void Car::pass_time(Duration duration) {
  state_.time += duration;
  state_.outside = outside_at(state_.time);
  const double seconds = static_cast<double>(duration.count()) / 1e9;
  // 1 / (1 + x) for what would be an exponential function: the same on every machine.
  const auto approach = [&](double& value, double goal, double in_seconds) {
    value = goal + (value - goal) / (1 + seconds / in_seconds);
  };
  const bool combustion = state_.powertrain == Powertrain::combustion;
  if (state_.phase == Phase::driving) {
    approach(state_.coolant, combustion ? 90 : 32, combustion ? 200 : 900);
    approach(state_.inside, 21, 240);
  } else {
    approach(state_.coolant, state_.outside, 5'000);
    approach(state_.inside, state_.outside, 2'500);
  }
}

void Car::plan_departure(const Departure& departure) {
  departs_ = aligned(departure.at);
  to_ = departure.to;
}

void Car::step_asleep() {
  const DataTime wakes = departs_ - before_trip;
  if (state_.time + heartbeat < wakes) {
    pass_time(heartbeat);
    return;
  }
  pass_time(std::max(wakes - state_.time, Duration(1s)));
  if (state_.powertrain == Powertrain::combustion && state_.energy_share() < 0.15) {
    state_.energy = 0.97 * state_.capacity;  // someone filled it up
  }
  state_.rain = random_.chance(0.25) ? random_.uniform() : 0;
  enter(Phase::awake, CarEvent::woke);
  leaving_ = true;
  awake_ends_ = state_.time + before_trip;
}

void Car::step_awake() {
  pass_time(1s);
  if (state_.time < awake_ends_) {
    return;
  }
  if (leaving_) {
    set_off();
  } else if (wants_to_charge()) {
    enter(Phase::charging, CarEvent::plugged_in);
  } else {
    enter(Phase::asleep, CarEvent::fell_asleep);
  }
}

bool Car::wants_to_charge() const {
  const double enough = at_ == Stop::home ? 0.8 : at_ == Stop::work ? 0.4 : 0;
  return state_.powertrain == Powertrain::electric && state_.energy_share() < enough;
}

void Car::step_charging() {
  pass_time(1min);
  const double limit = charge_limit * state_.capacity;
  state_.energy = std::min(state_.energy + charger_power / 60, limit);
  if (state_.energy >= limit || state_.time + 2min >= departs_) {
    enter(Phase::asleep, CarEvent::charged);
  }
}

const std::vector<Leg>& Car::route() const {
  return (to_ == Stop::home ? at_ : to_) == Stop::work ? to_work_ : to_shop_;
}

Leg Car::leg(std::size_t index) const {
  return leg_of(route(), to_ == Stop::home ? Way::back : Way::out, index);
}

void Car::set_off() {
  enter(Phase::driving, CarEvent::set_off);
  state_.trip_start = state_.time;
  state_.trip_from = state_.place;
  state_.trip_start_odometer = state_.odometer;
  state_.trip_start_energy = state_.energy;
  state_.trip_top_speed = 0;
  leg_ = 0;
  start_leg(0);
}

void Car::start_leg(double done) {
  const Leg begun = leg(leg_);
  leg_start_ = state_.place;
  leg_step_ = degrees_for_a_metre(leg_start_, begun);
  leg_done_ = done;
  state_.heading = begun.heading;
}

// The speed at the end of this second from which the car can still brake softly to what the end of
// its leg allows.
double Car::wanted_speed(const Leg& leg, double left, double speed_at_end) const {
  const double below_root =
      soft_brake * soft_brake +
      4 * (speed_at_end * speed_at_end + 2 * soft_brake * left - soft_brake * state_.speed);
  const double brakes = below_root <= 0 ? 0 : (std::sqrt(below_root) - soft_brake) / 2;
  return std::min(leg.cruise * (1 + mood_), brakes);
}

void Car::step_driving() {
  pass_time(1s);
  if (red_light_ > 0) {
    red_light_ -= 1;
    state_.acceleration = 0;
    use_energy(0);
    return;
  }
  const Leg now = leg(leg_);
  const bool last = leg_ + 1 == route().size();
  const bool stops = last || now.wait > 0;
  const double left = now.length - leg_done_;
  mood_ = std::clamp(mood_ + 0.02 * (random_.uniform() - 0.5), -0.08, 0.06);
  const double wanted = wanted_speed(now, left, stops ? 0 : bend_speed(now, leg(leg_ + 1)));
  double speed =
      std::clamp(wanted, std::max(state_.speed - hard_brake, 0.0), state_.speed + pull_away);
  double distance = (state_.speed + speed) / 2;
  const bool ends = distance >= left || (stops && left - distance < 1);
  if (ends && stops) {
    distance = left;
    speed = 0;
  }
  state_.acceleration = speed - state_.speed;
  state_.speed = speed;
  state_.odometer += distance;
  state_.trip_top_speed = std::max(state_.trip_top_speed, speed);
  use_energy(distance);
  leg_done_ += distance;
  if (!ends) {
    state_.place = moved(leg_start_, leg_step_, leg_done_);
  } else if (last) {
    arrive();
  } else {
    const double beyond = leg_done_ - now.length;
    state_.place = moved(leg_start_, leg_step_, now.length);
    red_light_ = now.wait;
    ++leg_;
    start_leg(beyond);
    state_.place = moved(leg_start_, leg_step_, beyond);
  }
}

void Car::use_energy(double metres) {
  const double idle = state_.powertrain == Powertrain::combustion ? 0.0002 : 0.0001;  // a second
  const double air = state_.speed / 33;
  const double effort = 0.75 + 0.45 * air * air + 0.2 * std::max(state_.acceleration, 0.0);
  state_.energy = std::max(state_.energy - idle - state_.consumption * effort * metres / 1000,
                           state_.capacity * 0.01);
}

void Car::arrive() {
  enter(Phase::awake, CarEvent::stopped);
  state_.place = stops_[place_of(to_)];
  state_.acceleration = 0;
  at_ = to_;
  leaving_ = false;
  awake_ends_ = state_.time + after_trip;
  plan_departure(next_departure(at_, state_.time, habits_, random_));
}

}  // namespace autotape
