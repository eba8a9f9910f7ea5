#include "core/flat_table.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("A value stays where it was put, however much is added") {
  FlatTable<std::uint64_t> table;
  constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const auto [value, added] = table.find_or_add(i * spread);
    REQUIRE(added);
    *value = i;
  }
  CHECK(table.size() == 100'000);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    REQUIRE(table.find(i * spread) != nullptr);
    REQUIRE(*table.find(i * spread) == i);
    REQUIRE_FALSE(table.find_or_add(i * spread).second);
  }
  CHECK(table.find(100'001 * spread) == nullptr);
}

TEST_CASE("A table in parts keeps all, and its memory close to what it holds") {
  FlatTable<std::uint64_t, 64> table;
  FlatTable<NoValue, 64> set;
  std::uint64_t hash = 1;
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    hash = hash * 6364136223846793005U + 1442695040888963407U;
    *table.find_or_add(hash).first = i;
    set.find_or_add(hash);
  }
  CHECK(table.size() == 300'000);
  CHECK(table.memory() <= 24 * table.size());
  CHECK(set.memory() <= 12 * set.size());
  hash = 1;
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    hash = hash * 6364136223846793005U + 1442695040888963407U;
    REQUIRE(*table.find(hash) == i);
    REQUIRE(set.find(hash) != nullptr);
  }
}

// As many as there are, and none makes the table larger than its number does.
TEST_CASE("Hashes that all want the last place of a table are kept") {
  FlatTable<std::uint64_t> table;
  constexpr std::uint64_t inverse_of_mixing = 0xF1DE83E19937733DU;
  static_assert(0x9E3779B97F4A7C15U * inverse_of_mixing == 1);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    *table.find_or_add((0 - i) * inverse_of_mixing).first = i;
  }
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    REQUIRE(*table.find((0 - i) * inverse_of_mixing) == i);
  }
  CHECK(table.memory() < 100'000);
}

TEST_CASE("An empty table knows nothing") {
  CHECK(FlatTable<int>().find(7) == nullptr);
}
