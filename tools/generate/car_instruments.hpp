// What a car's instruments show, worked out from its state.
#pragma once

#include "generate/car.hpp"

namespace autotape {

bool drives(const CarState& car);
bool charges(const CarState& car);
bool is_locked(const CarState& car);

double speed_in_kmh(const CarState& car);
double engine_rpm(const CarState& car);   // of a gearbox with six gears
double altitude(const CarState& car);     // metres; the same at each visit of a place
double range_in_km(const CarState& car);  // with the energy that is left
double tire_warmth(const CarState& car);  // kelvin above the air

// Of this trip, in kilowatt hours or litres.
double energy_used(const CarState& car);
double used_for_100_km(const CarState& car);

double charge_limit_left(const CarState& car);  // kilowatt hours until charging ends

}  // namespace autotape
