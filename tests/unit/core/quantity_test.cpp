#include "core/quantity.hpp"

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

TEST_CASE("A duration is a sum of numbers with units") {
  CHECK(parse_duration("200ms") == Duration(200ms));
  CHECK(parse_duration("1h30m") == Duration(90min));
  CHECK(parse_duration("1.5s") == Duration(1500ms));
  CHECK(parse_duration("10min") == Duration(10min));
  CHECK(parse_duration("0") == Duration(0));
  for (const char* text : {"", "5", "ms", "-1s", "1x", "1s2", "1e3s ", "999999999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("A formatted duration reads back as itself") {
  for (const Duration duration :
       {Duration(0), Duration(1), Duration(90min), Duration(1500ms), Duration(25h) + Duration(7)}) {
    CHECK(parse_duration(format_duration(duration)) == duration);
  }
}

TEST_CASE("Byte counts and shares have their usual units") {
  CHECK(parse_byte_count("64KiB") == 65536U);
  CHECK(parse_byte_count("10MB") == 10'000'000U);
  CHECK(parse_byte_count("4096") == 4096U);
  CHECK_FALSE(parse_byte_count("4 apples"));
  CHECK(parse_share("10%") == 0.1);
  CHECK(parse_share("0.25") == 0.25);
  CHECK_FALSE(parse_share("101%"));
  CHECK_FALSE(parse_share("-1"));
}

TEST_CASE("Numbers are shown as people read them") {
  CHECK(describe_count(1234567) == "1,234,567");
  CHECK(describe_count(999) == "999");
  CHECK(describe_byte_count(17'200'000) == "17.2 MB");
  CHECK(describe_duration(83us) == "83 µs");
  CHECK(describe_duration(999'600ns) == "1 ms");
  CHECK(describe_duration(999'600us) == "1 s");
  CHECK(describe_duration(125min) == "2 h 05 min");
}
