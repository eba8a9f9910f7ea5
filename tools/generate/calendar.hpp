// When the driver of a car leaves.
#pragma once

#include "core/random.hpp"
#include "core/time.hpp"

namespace autotape {

// Where a car stands while it does not drive.
enum class Stop { home, work, shop };

// A driver's habits. Times of day are local, which is an hour ahead of UTC.
struct Habits {
  Duration leaves_home{};  // on working days
  Duration leaves_work{};
};

Habits make_habits(Random& random);

struct Departure {
  DataTime at;
  Stop to = Stop::home;
};

// What comes first on a tape that starts then: by day the car is up to ten minutes on its way
// already, or about to leave; by night it stays at home until the morning.
Departure first_departure(DataTime tape_start, const Habits& habits, Random& random);

// The next trip of a car that came to `place` at `arrived`. Nobody drives between midnight and
// five.
Departure next_departure(Stop place, DataTime arrived, const Habits& habits, Random& random);

// Hours since local midnight, 0 to 24.
double local_hour(DataTime time);

}  // namespace autotape
