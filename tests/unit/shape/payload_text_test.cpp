#include "shape/payload_text.hpp"

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

TEST_CASE("Only a member of the outermost object is found") {
  const std::string text = R"({"data":{"vin":"inner"}, "list":["vin"], "vin" : "outer"})";
  CHECK(find_top_level_string(text, "vin") == "outer");
  CHECK_FALSE(find_top_level_string(text, "data"));
  CHECK(with_top_level_string(text, "vin", "NEW") ==
        R"({"data":{"vin":"inner"}, "list":["vin"], "vin" : "NEW"})");
}

TEST_CASE("Quotes and braces inside of strings are no structure") {
  CHECK(find_top_level_string(R"({"a":"}\"{","vin":"V"})", "vin") == "V");
  CHECK(find_top_level_string(R"({"a\"":"x\\","vin":"V"})", "vin") == "V");
}

TEST_CASE("Broken text is left alone") {
  for (const char* text : {"", "{", "\"", R"({"vin)", R"({"vin":"V)", R"({"vin":"V\)", "]]]"}) {
    CHECK_FALSE(find_top_level_string(text, "vin"));
    CHECK(with_shifted_timestamps(text, [](DataTime) { return Duration(1s); }) == text);
  }
}

TEST_CASE("Timestamps move at any depth and keep their number of digits") {
  const auto moved = [](std::string_view text) {
    return with_shifted_timestamps(text, [](DataTime) { return Duration(1500ms); });
  };
  CHECK(moved(R"([{"timestamp":"2026-03-01T07:00:00Z"},{"timestamp":"no"}])") ==
        R"([{"timestamp":"2026-03-01T07:00:01Z"},{"timestamp":"no"}])");
  CHECK(moved(R"({"timestamp":"2026-03-01T07:00:00.000Z"})") ==
        R"({"timestamp":"2026-03-01T07:00:01.500Z"})");
  CHECK(moved(R"({"timestamp":"2026-03-01T07:00:00.123456+01:00"})") ==
        R"({"timestamp":"2026-03-01T06:00:01.623456Z"})");
  CHECK(moved(R"({"timestamp":"1969-12-31T23:59:57.25Z"})") ==
        R"({"timestamp":"1969-12-31T23:59:58.75Z"})");
}
