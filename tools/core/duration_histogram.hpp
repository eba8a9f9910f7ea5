// How durations are spread, in constant memory.
#pragma once

#include <array>
#include <cstdint>

#include "core/time.hpp"

namespace autotape {

// Buckets of a sixteenth of a power of two: a quantile is at most 6.3 % too large, and never larger
// than the greatest duration. Negative durations count as zero.
class DurationHistogram {
 public:
  void add(Duration duration);

  std::uint64_t count() const { return count_; }
  Duration greatest() const { return greatest_; }

  // The duration that `share` (0 to 1) of all do not exceed; zero if there are none.
  Duration quantile(double share) const;

 private:
  std::array<std::uint64_t, 64 * 16> buckets_{};
  std::uint64_t count_ = 0;
  Duration greatest_{0};
};

}  // namespace autotape
