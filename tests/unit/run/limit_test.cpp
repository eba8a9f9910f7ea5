#include "run/search/limit.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("a varied value is read with its unit, and written as it is read") {
  for (const char* const text : {"100", "1m30s", "10%", "500/s", "250ms"}) {
    const auto value = parse_varied_value(text);
    REQUIRE(value);
    CHECK(value->text() == text);
  }
  for (const char* const text : {"", "many", "-3", "10..20", "1e999", "/s"}) {
    CHECK_FALSE(parse_varied_value(text));
  }
}
