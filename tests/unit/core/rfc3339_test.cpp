#include "core/rfc3339.hpp"

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

TEST_CASE("A date-time is read to the nanosecond, in any offset") {
  CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == Duration(0));
  CHECK(parse_rfc3339("1970-01-01t00:00:01.000000001z") == Duration(1'000'000'001));
  CHECK(parse_rfc3339("1970-01-01T01:00:00.5+01:00") == Duration(500ms));
  CHECK(parse_rfc3339("1969-12-31T23:59:59.999Z") == Duration(-1ms));
  CHECK(parse_rfc3339("2021-11-01T10:33:10.000Z") == Duration(1635762790s));
}

TEST_CASE("29 February exists in leap years only") {
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z"));
  CHECK_FALSE(parse_rfc3339("2023-02-29T00:00:00Z"));
  CHECK_FALSE(parse_rfc3339("1900-02-29T00:00:00Z"));
}

TEST_CASE("A leap second is 23:59:60 UTC, whatever the offset") {
  CHECK(parse_rfc3339("1990-12-31T23:59:60Z") == parse_rfc3339("1991-01-01T00:00:00Z"));
  CHECK(parse_rfc3339("1990-12-31T15:59:60-08:00"));
  CHECK_FALSE(parse_rfc3339("1990-12-31T22:59:60Z"));
  CHECK_FALSE(parse_rfc3339("1990-12-31T23:59:60+01:00"));
}

TEST_CASE("What RFC 3339 does not allow is refused") {
  for (const char* text :
       {"", "2021-11-01", "2021-11-01 10:33:10Z", "2021-11-01T10:33:10", "2021-11-01T10:33:10+01",
        "2021-11-01T10:33:10+0100", "21-11-01T10:33:10Z", "12021-11-01T10:33:10Z",
        "2021-13-01T10:33:10Z", "2021-00-01T10:33:10Z", "2021-11-31T10:33:10Z",
        "2021-11-01T24:00:00Z", "2021-11-01T10:60:10Z", "2021-11-01T10:33:61Z",
        "2021-11-01T10:33:10.Z", "2021-11-01T10:33:10Z ", "2021-11-01T10:33:10+24:00"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("What nanoseconds in 64 bits cannot hold is refused") {
  CHECK_FALSE(parse_rfc3339("9999-12-31T23:59:59Z"));
  CHECK_FALSE(parse_rfc3339("0001-01-01T00:00:00Z"));
  CHECK(parse_rfc3339("2262-04-11T00:00:00Z"));
}

TEST_CASE("Formatting gives as many digits as are needed, and reads back the same") {
  CHECK(format_rfc3339(1635762790s) == "2021-11-01T10:33:10Z");
  CHECK(format_rfc3339(Duration(1635762790s) + 120ms) == "2021-11-01T10:33:10.120Z");
  CHECK(format_rfc3339(Duration(1)) == "1970-01-01T00:00:00.000000001Z");
  CHECK(format_rfc3339(Duration(-1)) == "1969-12-31T23:59:59.999999999Z");
  for (const std::int64_t count :
       {0L, -1L, 1'635'762'790'000'000'001L, 4'102'444'800'123'000'000L}) {
    CHECK(parse_rfc3339(format_rfc3339(Duration(count))) == Duration(count));
  }
}
