#include "generate/signal.hpp"

#include <algorithm>
#include <array>

#include "generate/car_instruments.hpp"

namespace autotape {
namespace {

constexpr unsigned woke = at(CarEvent::woke);
constexpr unsigned set_off = at(CarEvent::set_off);
constexpr unsigned stopped = at(CarEvent::stopped);
constexpr unsigned fell_asleep = at(CarEvent::fell_asleep);
constexpr unsigned plugged_in = at(CarEvent::plugged_in);
constexpr unsigned charged = at(CarEvent::charged);

constexpr auto signals = std::to_array<Signal>({
    {.capability = "charging",
     .property = "battery_energy",
     .equipment = Equipment::electric,
     .while_driving = 60,
     .while_charging = 5,
     .write = [](const ReadingText& r) { r.quantity("kilowatt_hours", r.car.energy, 2); }},
    {.capability = "charging",
     .property = "battery_level",
     .equipment = Equipment::electric,
     .while_driving = 20,
     .while_charging = 5,
     .while_asleep = true,
     .events = set_off | stopped | plugged_in | charged,
     .write = [](const ReadingText& r) { r.number(r.car.energy_share(), 4); }},
    {.capability = "charging",
     .property = "battery_temperature",
     .equipment = Equipment::electric,
     .while_driving = 60,
     .while_charging = 10,
     .write = [](const ReadingText& r) { r.quantity("celsius", r.car.coolant, 1); }},
    {.capability = "charging",
     .property = "charge_limit",
     .equipment = Equipment::electric,
     .events = plugged_in,
     .write = [](const ReadingText& r) { r.number(0.9, 1); }},
    {.capability = "charging",
     .property = "charging_rate",
     .equipment = Equipment::electric,
     .while_charging = 5,
     .events = plugged_in | charged,
     .write = [](const ReadingText& r) { r.quantity("kilowatts", charges(r.car) ? 11 : 0, 1); }},
    {.capability = "charging",
     .property = "estimated_range",
     .equipment = Equipment::electric,
     .while_driving = 30,
     .while_charging = 10,
     .events = stopped | charged,
     .write = [](const ReadingText& r) { r.quantity("kilometers", range_in_km(r.car), 0); }},
    {.capability = "charging",
     .property = "plugged_in",
     .equipment = Equipment::electric,
     .events = woke | plugged_in | charged,
     .write =
         [](const ReadingText& r) {
           r.name(r.car.event == CarEvent::woke ? "disconnected" : "plugged_in");
         }},
    {.capability = "charging",
     .property = "status",
     .equipment = Equipment::electric,
     .while_charging = 15,
     .events = woke | plugged_in | charged,
     .write =
         [](const ReadingText& r) {
           r.name(charges(r.car)                     ? "charging"
                  : r.car.event == CarEvent::charged ? "charging_complete"
                                                     : "not_charging");
         }},
    {.capability = "charging",
     .property = "time_to_complete_charge",
     .equipment = Equipment::electric,
     .while_charging = 5,
     .write =
         [](const ReadingText& r) {
           r.quantity("minutes", charge_limit_left(r.car) / 11 * 60, 0);
         }},
    {.capability = "climate",
     .property = "hvac_state",
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.name(drives(r.car) ? "active" : "inactive"); }},
    {.capability = "climate",
     .property = "inside_temperature",
     .while_driving = 30,
     .write = [](const ReadingText& r) { r.quantity("celsius", r.car.inside, 1); }},
    {.capability = "climate",
     .property = "outside_temperature",
     .while_driving = 60,
     .while_asleep = true,
     .events = woke,
     .write = [](const ReadingText& r) { r.quantity("celsius", r.car.outside, 1); }},
    {.capability = "diagnostics",
     .property = "battery_voltage",
     .while_driving = 60,
     .while_asleep = true,
     .events = set_off,
     .write = [](const ReadingText& r) { r.quantity("volts", drives(r.car) ? 14.1 : 12.6, 1); }},
    {.capability = "diagnostics",
     .property = "distance_since_start",
     .while_driving = 30,
     .events = stopped,
     .write =
         [](const ReadingText& r) { r.quantity("kilometers", r.car.trip_distance() / 1000, 2); }},
    {.capability = "diagnostics",
     .property = "engine_coolant_temperature",
     .equipment = Equipment::combustion,
     .while_driving = 20,
     .write = [](const ReadingText& r) { r.quantity("celsius", r.car.coolant, 1); }},
    {.capability = "diagnostics",
     .property = "engine_load",
     .equipment = Equipment::combustion,
     .while_driving = 10,
     .write =
         [](const ReadingText& r) {
           r.number(std::clamp(0.2 + 0.35 * r.car.acceleration, 0.02, 0.98), 3);
         }},
    {.capability = "diagnostics",
     .property = "engine_oil_temperature",
     .equipment = Equipment::combustion,
     .while_driving = 30,
     .write =
         [](const ReadingText& r) {
           r.quantity("celsius", r.car.outside + (r.car.coolant - r.car.outside) * 1.08, 1);
         }},
    {.capability = "diagnostics",
     .property = "engine_rpm",
     .equipment = Equipment::combustion,
     .while_driving = 4,
     .write =
         [](const ReadingText& r) { r.quantity("revolutions_per_minute", engine_rpm(r.car), 0); }},
    {.capability = "diagnostics",
     .property = "estimated_range",
     .equipment = Equipment::combustion,
     .while_driving = 60,
     .events = stopped,
     .write = [](const ReadingText& r) { r.quantity("kilometers", range_in_km(r.car), 0); }},
    {.capability = "diagnostics",
     .property = "fuel_level",
     .equipment = Equipment::combustion,
     .while_driving = 30,
     .while_asleep = true,
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.number(r.car.energy_share(), 4); }},
    {.capability = "diagnostics",
     .property = "fuel_volume",
     .equipment = Equipment::combustion,
     .while_driving = 60,
     .write = [](const ReadingText& r) { r.quantity("liters", r.car.energy, 2); }},
    {.capability = "diagnostics",
     .property = "odometer",
     .while_driving = 10,
     .while_asleep = true,
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.quantity("kilometers", r.car.odometer / 1000, 3); }},
    {.capability = "diagnostics",
     .property = "speed",
     .while_driving = 2,
     .events = set_off | stopped,
     .write =
         [](const ReadingText& r) { r.quantity("kilometers_per_hour", speed_in_kmh(r.car), 2); }},
    {.capability = "diagnostics",
     .property = "tire_pressures",
     .while_driving = 60,
     .events = woke,
     .items = 4,
     .write =
         [](const ReadingText& r) {
           r.located_quantity("pressure", "kilopascals",
                              r.car.tire_pressure[r.item] + 0.8 * tire_warmth(r.car));
         }},
    {.capability = "diagnostics",
     .property = "tire_temperatures",
     .while_driving = 60,
     .items = 4,
     .write =
         [](const ReadingText& r) {
           r.located_quantity("temperature", "celsius", r.car.outside + tire_warmth(r.car));
         }},
    {.capability = "doors",
     .property = "locks",
     .events = woke | fell_asleep | plugged_in,
     .items = 4,
     .write =
         [](const ReadingText& r) {
           r.located("lock_state", is_locked(r.car) ? "locked" : "unlocked");
         }},
    {.capability = "doors",
     .property = "locks_state",
     .events = woke | fell_asleep | plugged_in,
     .write = [](const ReadingText& r) { r.name(is_locked(r.car) ? "locked" : "unlocked"); }},
    {.capability = "doors",
     .property = "positions",
     .events = woke | set_off | stopped | fell_asleep,
     .items = 4,
     .write =
         [](const ReadingText& r) {
           // The driver gets in, or out.
           const bool open =
               r.item == 0 && (r.car.event == CarEvent::woke || r.car.event == CarEvent::stopped);
           r.located("position", open ? "open" : "closed");
         }},
    {.capability = "engine",
     .property = "status",
     .equipment = Equipment::combustion,
     .while_driving = 60,
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.name(drives(r.car) ? "on" : "off"); }},
    {.capability = "ignition",
     .property = "state",
     .while_driving = 60,
     .events = woke | set_off | stopped | fell_asleep,
     .write =
         [](const ReadingText& r) {
           r.name(drives(r.car)                      ? "on"
                  : r.car.event == CarEvent::woke    ? "accessory"
                  : r.car.event == CarEvent::stopped ? "off"
                                                     : "lock");
         }},
    {.capability = "lights",
     .property = "front_exterior_light",
     .while_driving = 120,
     .events = set_off | stopped,
     .write =
         [](const ReadingText& r) {
           const double hour = local_hour(r.car.time);
           r.name(!drives(r.car) ? "inactive" : hour < 7 || hour > 19 ? "active" : "drl");
         }},
    {.capability = "maintenance",
     .property = "distance_to_next_service",
     .events = woke,
     .write =
         [](const ReadingText& r) {
           const double interval = 30'000;
           const double km = r.car.odometer / 1000;
           const double done = km - interval * static_cast<double>(static_cast<int>(km / interval));
           r.quantity("kilometers", interval - done, 0);
         }},
    {.capability = "parking_brake",
     .property = "status",
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.name(drives(r.car) ? "inactive" : "active"); }},
    {.capability = "race",
     .property = "accelerations",
     .while_driving = 10,
     .items = 1,
     .write =
         [](const ReadingText& r) {
           r.out += R"({"acceleration":)";
           r.quantity("meters_per_second_squared", r.car.acceleration, 2);
           r.out += R"(,"direction":"longitudinal"})";
         }},
    {.capability = "race",
     .property = "brake_pedal_position",
     .while_driving = 10,
     .write =
         [](const ReadingText& r) { r.number(std::clamp(-r.car.acceleration / 8, 0.0, 1.0), 3); }},
    {.capability = "race",
     .property = "gas_pedal_position",
     .while_driving = 10,
     .write =
         [](const ReadingText& r) {
           r.number(std::clamp(0.08 + r.car.acceleration / 4, 0.0, 1.0), 3);
         }},
    {.capability = "race",
     .property = "vehicle_moving",
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.name(drives(r.car) ? "moving" : "not_moving"); }},
    {.capability = "seats",
     .property = "seatbelts_state",
     .events = woke | set_off | stopped,
     .items = 2,
     .write =
         [](const ReadingText& r) {
           r.located("fastened_state", r.item == 0 && drives(r.car) ? "fastened" : "not_fastened");
         }},
    {.capability = "trips",
     .property = "average_electric_consumption",
     .equipment = Equipment::electric,
     .events = stopped,
     .write =
         [](const ReadingText& r) {
           r.quantity("kwh_per_100_kilometers", used_for_100_km(r.car), 1);
         }},
    {.capability = "trips",
     .property = "average_fuel_consumption",
     .equipment = Equipment::combustion,
     .events = stopped,
     .write =
         [](const ReadingText& r) {
           r.quantity("liters_per_100_kilometers", used_for_100_km(r.car), 1);
         }},
    {.capability = "trips",
     .property = "distance",
     .events = stopped,
     .write =
         [](const ReadingText& r) { r.quantity("kilometers", r.car.trip_distance() / 1000, 2); }},
    {.capability = "trips",
     .property = "end_coordinates",
     .events = stopped,
     .write = [](const ReadingText& r) { r.place(r.car.place); }},
    {.capability = "trips",
     .property = "end_time",
     .events = stopped,
     .write = [](const ReadingText& r) { r.time(r.car.time); }},
    {.capability = "trips",
     .property = "maximum_speed",
     .events = stopped,
     .write =
         [](const ReadingText& r) {
           r.quantity("kilometers_per_hour", r.car.trip_top_speed * 3.6, 1);
         }},
    {.capability = "trips",
     .property = "start_coordinates",
     .events = stopped,
     .write = [](const ReadingText& r) { r.place(r.car.trip_from); }},
    {.capability = "trips",
     .property = "start_time",
     .events = stopped,
     .write = [](const ReadingText& r) { r.time(r.car.trip_start); }},
    {.capability = "vehicle_location",
     .property = "altitude",
     .while_driving = 30,
     .write = [](const ReadingText& r) { r.quantity("meters", altitude(r.car), 1); }},
    {.capability = "vehicle_location",
     .property = "coordinates",
     .while_driving = 2,
     .events = set_off | stopped,
     .write = [](const ReadingText& r) { r.place(r.car.place); }},
    {.capability = "vehicle_location",
     .property = "heading",
     .while_driving = 8,
     .write = [](const ReadingText& r) { r.quantity("degrees", r.car.heading, 1); }},
    {.capability = "weather_conditions",
     .property = "rain_intensity",
     .while_driving = 120,
     .events = woke,
     .write = [](const ReadingText& r) { r.number(r.car.rain, 2); }},
    {.capability = "windows",
     .property = "positions",
     .events = woke | fell_asleep,
     .items = 4,
     .write = [](const ReadingText& r) { r.located("position", "closed"); }},
    {.capability = "windscreen",
     .property = "wipers_status",
     .while_driving = 120,
     .events = set_off,
     .write =
         [](const ReadingText& r) {
           r.name(drives(r.car) && r.car.rain > 0.1 ? "active" : "inactive");
         }},
});

}  // namespace

std::span<const Signal> simulated_signals() {
  return signals;
}

}  // namespace autotape
