// How strong a trouble is: drawn so that each order of magnitude is equally likely.
#pragma once

#include "core/random.hpp"
#include "core/time.hpp"

namespace autotape {

// Rounded to two significant digits: fit to be read and to be written into a scenario.
double draw_share(Random& random, double least, double most);
Duration draw_duration(Random& random, Duration least, Duration most);

// From `least` to `most`, both possible.
std::uint64_t draw_count(Random& random, std::uint64_t least, std::uint64_t most);

}  // namespace autotape
