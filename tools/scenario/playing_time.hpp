// How long a scenario plays, as far as one can tell without planning it.
#pragma once

#include <optional>

#include "core/time.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

// At rate 1. Reads the beginning and the end of the tape or of the saved plan only. Delays, which
// make a plan longer than its tape, are not counted. Nothing where it cannot be told so cheaply.
std::optional<Duration> expected_playing_time(const Scenario& scenario);

}  // namespace autotape
