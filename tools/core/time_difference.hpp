// Differences of times that come from outside: they may lie further apart than nanoseconds count.
#pragma once

#include <cstdint>

#include "core/time.hpp"

namespace autotape {

// later - earlier, or the longest duration there is; `earlier` must not be after `later`.
template <typename Clock>
Duration time_between(TimePoint<Clock> earlier, TimePoint<Clock> later) {
  std::int64_t difference = 0;
  return __builtin_sub_overflow(later.time_since_epoch().count(),
                                earlier.time_since_epoch().count(), &difference)
             ? Duration::max()
             : Duration(difference);
}

}  // namespace autotape
