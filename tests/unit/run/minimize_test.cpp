#include "run/search/minimize.hpp"

#include <algorithm>
#include <numeric>

#include <doctest/doctest.h>

using namespace autotape;

namespace {

using Parts = std::vector<std::size_t>;

Parts first(std::size_t count) {
  Parts parts(count);
  std::iota(parts.begin(), parts.end(), std::size_t{0});
  return parts;
}

bool has(const Parts& parts, std::size_t part) {
  return std::binary_search(parts.begin(), parts.end(), part);
}

}  // namespace

TEST_CASE("two parts that are needed are all that is left, wherever they are") {
  for (const auto& [a, b] : {std::pair<std::size_t, std::size_t>{0, 999}, {17, 18}, {400, 700}}) {
    std::size_t runs = 0;
    const Minimum minimum = minimize(first(1000), [&](const Parts& parts) -> std::optional<bool> {
      ++runs;
      return has(parts, a) && has(parts, b);
    });
    CHECK(minimum.parts == Parts{a, b});
    CHECK(minimum.proven);
    CHECK(runs < 60);
  }
}

TEST_CASE("a bounded memory shrinks to its size and the two copies") {
  // The first and the last delivery are copies, and a hundred others must lie between them.
  const auto fails = [](const Parts& parts) -> std::optional<bool> {
    return has(parts, 0) && has(parts, 299) && parts.size() >= 102;
  };
  CHECK(minimize(first(300), fails).parts.size() == 102);
}

TEST_CASE("it is reached long before every single part was tried in vain") {
  std::size_t runs = 0;
  const Minimum minimum = minimize(first(300), [&](const Parts& parts) -> std::optional<bool> {
    if (++runs > 60) {
      return std::nullopt;
    }
    return has(parts, 0) && has(parts, 299) && parts.size() >= 102;
  });
  CHECK(minimum.parts.size() == 102);
  CHECK_FALSE(minimum.proven);
}

TEST_CASE("what fails without anything needs nothing") {
  const Minimum minimum =
      minimize(first(50), [](const Parts&) -> std::optional<bool> { return true; });
  CHECK(minimum.parts.empty());
  CHECK(minimum.proven);
}

TEST_CASE(
    "the result fails, and no single part of it can be left out, also where parts depend on "
    "each other") {
  // Fails with 3, or with 10 and 20 together, but only if an even number of parts is there.
  const auto fails = [](const Parts& parts) {
    return (has(parts, 3) || (has(parts, 10) && has(parts, 20))) && parts.size() % 2 == 0;
  };
  const Minimum minimum =
      minimize(first(64), [&](const Parts& parts) -> std::optional<bool> { return fails(parts); });
  CHECK(fails(minimum.parts));
  for (const std::size_t part : minimum.parts) {
    Parts rest = minimum.parts;
    std::erase(rest, part);
    CHECK_FALSE(fails(rest));
  }
}
