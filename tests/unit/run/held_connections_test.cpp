#include "run/held_connections.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("a client is held until its fault, or all, are taken back") {
  HeldConnections held;
  held.note(0, Pause{"a"});
  held.note(1, Bandwidth{"b", Direction::both, 10});
  CHECK(held.holds("a"));
  CHECK_FALSE(held.holds("c"));
  CHECK(held.any_stands_still());
  held.note(2, Resume{"a"});
  CHECK_FALSE(held.holds("a"));
  CHECK_FALSE(held.any_stands_still());
  held.note(3, Resume{});
  CHECK(held.empty());
}

TEST_CASE("what holds all is not taken back for one alone") {
  HeldConnections held;
  held.note(4, Pause{});
  held.note(5, Resume{"a"});
  CHECK(held.holds("a"));
  CHECK(held.release() == std::vector<std::size_t>{4});
  CHECK(held.empty());
}

TEST_CASE("other faults hold nothing") {
  HeldConnections held;
  held.note(0, Disconnect{"a"});
  held.note(1, Restart{});
  CHECK(held.empty());
}
