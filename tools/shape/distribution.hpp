// How long something takes, drawn at random.
//
// Only additions, multiplications, divisions and square roots, which IEEE 754 rounds alike
// everywhere, and no mathematics library, whose last bits differ between machines. The build
// switches the contraction to fused operations off (scripts/cmake/compiler.cmake).
#pragma once

#include <variant>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"

namespace autotape {

struct FixedDuration {
  Duration value{};
};
struct UniformDuration {  // every duration from `least` to `most` is equally likely
  Duration least{};
  Duration most{};
};
struct ExponentialDuration {
  Duration mean{};
};
struct NormalDuration {  // what is negative becomes zero
  Duration mean{};
  Duration deviation{};  // standard deviation
};
struct MeasuredDuration {  // as a recording had it
  std::vector<Duration>
      quantiles;  // ascending, equally spaced from the 0th to the 100th percentile
};

using DurationDistribution = std::variant<FixedDuration, UniformDuration, ExponentialDuration,
                                          NormalDuration, MeasuredDuration>;

// Never negative; at most ten years, so that sums of delays cannot overflow.
Duration draw(const DurationDistribution& distribution, Random& random);

// As draw(), of either sign: for a clock that is fast or slow.
Duration draw_signed(const DurationDistribution& distribution, Random& random);

// The natural logarithm for x > 0; relative error below 1e-15.
double natural_logarithm(double x);

// Normally distributed around 0 with standard deviation 1.
double standard_normal(Random& random);

}  // namespace autotape
