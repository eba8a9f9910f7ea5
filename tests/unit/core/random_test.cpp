#include "core/random.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("The same seed, purpose and index give the same numbers on every machine") {
  Random random(42, "duplicate", 7);
  CHECK(random.next() == 12489478255336890129ULL);
}

TEST_CASE("Another seed, purpose or index gives other numbers") {
  const auto first = [](std::uint64_t seed, const char* purpose, std::uint64_t index) {
    return Random(seed, purpose, index).next();
  };
  CHECK(first(1, "a", 0) != first(2, "a", 0));
  CHECK(first(1, "a", 0) != first(1, "b", 0));
  CHECK(first(1, "a", 0) != first(1, "a", 1));
}

TEST_CASE("below() reaches each value about equally often") {
  std::array<int, 6> seen{};
  for (std::uint64_t index = 0; index < 60'000; ++index) {
    ++seen[Random(1, "dice", index).below(6)];
  }
  for (const int count : seen) {
    CHECK(count > 9'600);
    CHECK(count < 10'400);
  }
}

TEST_CASE("chance() never happens at 0 and always at 1") {
  for (std::uint64_t index = 0; index < 1'000; ++index) {
    CHECK_FALSE(Random(1, "luck", index).chance(0));
    CHECK(Random(1, "luck", index).chance(1));
  }
}
