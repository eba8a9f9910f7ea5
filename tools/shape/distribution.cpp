#include "shape/distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace autotape {
namespace {

constexpr double longest = 10.0 * 365 * 86400 * 1e9;  // nanoseconds

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

double nanoseconds(Duration duration) {
  return static_cast<double>(duration.count());
}

double measured(const std::vector<Duration>& quantiles, double share) {
  if (quantiles.size() < 2) {
    return quantiles.empty() ? 0 : nanoseconds(quantiles.front());
  }
  const double place = share * static_cast<double>(quantiles.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), quantiles.size() - 2);
  const double part = place - static_cast<double>(below);
  const double low = nanoseconds(quantiles[below]);
  return low + part * (nanoseconds(quantiles[below + 1]) - low);
}

double draw_nanoseconds(const DurationDistribution& distribution, Random& random) {
  return std::visit(
      Overloaded{[](const FixedDuration& fixed) { return nanoseconds(fixed.value); },
                 [&](const UniformDuration& uniform) {
                   const double least = nanoseconds(uniform.least);
                   return least + random.uniform() * (nanoseconds(uniform.most) - least);
                 },
                 [&](const ExponentialDuration& exponential) {
                   return -natural_logarithm(1 - random.uniform()) * nanoseconds(exponential.mean);
                 },
                 [&](const NormalDuration& normal) {
                   return nanoseconds(normal.mean) +
                          standard_normal(random) * nanoseconds(normal.deviation);
                 },
                 [&](const MeasuredDuration& recorded) {
                   return measured(recorded.quantiles, random.uniform());
                 }},
      distribution);
}

Duration rounded(double value) {
  return Duration(static_cast<std::int64_t>(value + (value < 0 ? -0.5 : 0.5)));
}

}  // namespace

Duration draw(const DurationDistribution& distribution, Random& random) {
  return rounded(std::clamp(draw_nanoseconds(distribution, random), 0.0, longest));
}

Duration draw_signed(const DurationDistribution& distribution, Random& random) {
  return rounded(std::clamp(draw_nanoseconds(distribution, random), -longest, longest));
}

double natural_logarithm(double x) {
  // x = m · 2^e with m from √½ to √2; ln m = 2 artanh((m - 1) / (m + 1)), whose series converges
  // fast.
  constexpr std::uint64_t mantissa_bits = (std::uint64_t{1} << 52U) - 1;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52U) - 1023;
  auto m = std::bit_cast<double>((bits & mantissa_bits) | (std::uint64_t{1023} << 52U));
  if (m > 1.4142135623730951) {
    m /= 2;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double sum = 0;
  for (int n = 23; n >= 1; n -= 2) {
    sum = sum * square + 1.0 / n;
  }
  return exponent * 0.6931471805599453 + 2 * s * sum;
}

double standard_normal(Random& random) {
  // Marsaglia's polar method: a square root and a logarithm, no sine.
  while (true) {
    const double u = 2 * random.uniform() - 1;
    const double v = 2 * random.uniform() - 1;
    const double square = u * u + v * v;
    if (square > 0 && square < 1) {
      return u * std::sqrt(-2 * natural_logarithm(square) / square);
    }
  }
}

}  // namespace autotape
