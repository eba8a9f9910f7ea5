#include "core/random.hpp"

namespace autotape {
namespace {

constexpr std::uint64_t golden_gamma = 0x9E3779B97F4A7C15;

constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

// FNV-1a, 64 bits.
constexpr std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char c : text) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return value;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index)
    : Random(RandomSeries(seed, purpose).at(index)) {}

RandomSeries::RandomSeries(std::uint64_t seed, std::string_view purpose)
    : start_(mix(mix(seed + golden_gamma) ^ hash(purpose))) {}

Random RandomSeries::at(std::uint64_t index) const {
  return Random(start_ ^ mix(index * golden_gamma + 1));
}

std::uint64_t Random::next() {
  return mix(state_ += golden_gamma);
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Rejects the few values at the low end that would make some results more likely than others.
  const std::uint64_t threshold = (0 - bound) % bound;
  std::uint64_t value = next();
  while (value < threshold) {
    value = next();
  }
  return value % bound;
}

double Random::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

}  // namespace autotape
