#include "shape/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

namespace {

constexpr int draws = 40'000;

// The greatest distance between the measured and the true distribution function (Kolmogorov,
// Smirnov).
double distance(const DurationDistribution& distribution,
                const std::function<double(double)>& true_share_below) {
  std::vector<double> drawn;
  for (int i = 0; i < draws; ++i) {
    Random random(1, "draw", static_cast<std::uint64_t>(i));
    drawn.push_back(static_cast<double>(draw_signed(distribution, random).count()));
  }
  std::sort(drawn.begin(), drawn.end());
  double greatest = 0;
  for (int i = 0; i < draws; ++i) {
    const double share = static_cast<double>(i) / draws;
    greatest =
        std::max(greatest, std::abs(share - true_share_below(drawn[static_cast<std::size_t>(i)])));
  }
  return greatest;
}

// Reached by chance in one of 1,000 runs; the draws are always the same.
const double critical_distance = 1.95 / std::sqrt(draws);

}  // namespace

TEST_CASE("Uniform durations are uniform") {
  CHECK(distance(UniformDuration{1s, 3s}, [](double x) { return (x - 1e9) / 2e9; }) <
        critical_distance);
}

TEST_CASE("Exponential durations are exponential") {
  CHECK(distance(ExponentialDuration{2s}, [](double x) { return 1 - std::exp(-x / 2e9); }) <
        critical_distance);
}

TEST_CASE("Normal durations are normal") {
  CHECK(distance(NormalDuration{10s, 2s}, [](double x) {
          return std::erfc((10e9 - x) / 2e9 / std::sqrt(2.0)) / 2;
        }) < critical_distance);
}

TEST_CASE("Measured durations follow their quantiles") {
  CHECK(distance(MeasuredDuration{{0s, 1s, 4s}}, [](double x) {
          return x < 1e9 ? x / 2e9 : 0.5 + (x - 1e9) / 6e9;
        }) < critical_distance);
}

TEST_CASE("The logarithm is right to the last digits") {
  for (double x = 1e-12; x < 1e12; x *= 1.7) {
    CHECK(natural_logarithm(x) == doctest::Approx(std::log(x)).epsilon(1e-15));
  }
  CHECK(natural_logarithm(1) == 0);
}

TEST_CASE("Draws are the same on every machine") {
  Random random(7, "golden");
  CHECK(draw(ExponentialDuration{1s}, random).count() == 267170255);
  CHECK(draw(NormalDuration{10s, 1s}, random).count() == 10105830917);
  CHECK(draw(UniformDuration{0s, 1s}, random).count() == 199453741);
}

TEST_CASE("A delay is never negative") {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Random random(1, "delay", i);
    CHECK(draw(NormalDuration{0s, 1s}, random) >= 0s);
  }
}
