#include "schema/violation.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("A violation's line says where, what was expected, what was found and what was meant") {
  Violation violation;
  violation.instance = "/data/diagnostics";
  violation.expected = "a known property";
  violation.found = "\"odometre\"";
  CHECK(violation.line() == "/data/diagnostics: expected a known property, found \"odometre\"");
  violation.nearest = "odometer";
  CHECK(violation.line() ==
        "/data/diagnostics: expected a known property, found \"odometre\" (did you mean "
        "\"odometer\"?)");
  violation.instance = "";
  CHECK(violation.line().starts_with("(root): expected"));
}
