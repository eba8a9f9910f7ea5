// Seeded random numbers that are the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace autotape {

// A generator for one decision: what it gives depends on (seed, purpose, index) alone, so that the
// n-th message has the same luck however many threads plan, and whatever was decided for the
// others. SplitMix64 (Steele, Lea, Flood 2014) over a mixed starting point. Not for secrets.
class Random {
 public:
  // `purpose` keeps decisions apart: "duplicate", "delay", …
  Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

  std::uint64_t next();

  // Uniform in [0, bound), without bias; bound > 0.
  std::uint64_t below(std::uint64_t bound);

  // Uniform in [0, 1) with 53 random bits.
  double uniform();

  // True with this probability; never for 0, always for 1.
  bool chance(double probability) { return uniform() < probability; }

 private:
  friend class RandomSeries;
  explicit Random(std::uint64_t state) : state_(state) {}

  std::uint64_t state_;
};

// The generators of one seed and purpose: at(n) is Random(seed, purpose, n).
class RandomSeries {
 public:
  RandomSeries(std::uint64_t seed, std::string_view purpose);

  Random at(std::uint64_t index) const;

 private:
  std::uint64_t start_;
};

}  // namespace autotape
