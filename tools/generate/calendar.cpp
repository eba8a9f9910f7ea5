#include "generate/calendar.hpp"

#include <algorithm>

namespace autotape {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr Duration ahead_of_utc = 1h;

Duration local(DataTime time) {
  return time.time_since_epoch() + ahead_of_utc;
}

Duration midnight_before(DataTime time) {
  return std::chrono::floor<days>(local(time));
}

DataTime at_local(Duration midnight, Duration time_of_day) {
  return DataTime(midnight + time_of_day - ahead_of_utc);
}

bool is_working_day(Duration midnight) {
  const auto day = midnight / Duration(24h);
  const auto weekday = ((day + 4) % 7 + 7) % 7;  // the epoch was a Thursday; 0 is Sunday
  return weekday != 0 && weekday != 6;
}

Duration between(Random& random, Duration least, Duration most) {
  const double span = static_cast<double>((most - least).count());
  return least + Duration(static_cast<std::int64_t>(random.uniform() * span));
}

// The next morning on which the car leaves home.
Departure from_home(Duration midnight, const Habits& habits, Random& random) {
  while (!is_working_day(midnight)) {
    if (random.chance(0.7)) {
      return {at_local(midnight, between(random, 10h, 16h)), Stop::shop};
    }
    midnight += 24h;
  }
  return {at_local(midnight, habits.leaves_home + between(random, -10min, 10min)), Stop::work};
}

}  // namespace

Habits make_habits(Random& random) {
  // The sum of two is likely in the middle: most leave at about 7:30 and 17:00.
  return {between(random, 3h, 4h + 15min) + between(random, 3h, 4h + 15min),
          between(random, 7h + 30min, 9h + 30min) + between(random, 7h + 30min, 9h + 30min)};
}

Departure first_departure(DataTime tape_start, const Habits& habits, Random& random) {
  const Duration time_of_day = local(tape_start) - midnight_before(tape_start);
  if (time_of_day >= Duration(5h + 30min) && time_of_day < Duration(20h)) {
    return {tape_start + between(random, -10min, 2min),
            is_working_day(midnight_before(tape_start)) && time_of_day < Duration(12h)
                ? Stop::work
                : Stop::shop};
  }
  const Duration morning =
      midnight_before(tape_start) + (time_of_day >= Duration(20h) ? Duration(24h) : Duration(0));
  return from_home(morning, habits, random);
}

Departure next_departure(Stop place, DataTime arrived, const Habits& habits, Random& random) {
  const Duration midnight = midnight_before(arrived);
  const Duration time_of_day = local(arrived) - midnight;
  switch (place) {
    case Stop::work: {
      const Duration leaves = habits.leaves_work + between(random, -20min, 20min);
      return {at_local(midnight, std::max(leaves, time_of_day + 1h)), Stop::home};
    }
    case Stop::shop:
      return {arrived + between(random, 15min, 50min), Stop::home};
    case Stop::home:
      break;
  }
  if (time_of_day < Duration(19h) && random.chance(0.35)) {
    return {arrived + between(random, 30min, 90min), Stop::shop};
  }
  return from_home(midnight + 24h, habits, random);
}

double local_hour(DataTime time) {
  return static_cast<double>((local(time) - midnight_before(time)).count()) / 3.6e12;
}

}  // namespace autotape
