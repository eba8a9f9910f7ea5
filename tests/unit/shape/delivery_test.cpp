#include "shape/delivery.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("Each kind of action has a name, and the name leads back to it") {
  for (int i = 0; i <= static_cast<int>(ActionKind::huge_payload); ++i) {
    const auto kind = static_cast<ActionKind>(i);
    CHECK(action_kind(name_of(kind)) == kind);
  }
  CHECK_FALSE(action_kind("teleported"));
}

TEST_CASE("Copies are additional, broken payloads are corruption, moves are neither") {
  CHECK(is_additional(ActionKind::tied));
  CHECK_FALSE(is_additional(ActionKind::moved));
  CHECK(is_corruption(ActionKind::truncated));
  CHECK_FALSE(is_corruption(ActionKind::converted_v2));
}
