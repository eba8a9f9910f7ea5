#include "json/parser.hpp"

#include <doctest/doctest.h>

#include "json/document.hpp"

using namespace autotape;

TEST_CASE("Each kind of broken JSON has its own reason") {
  JsonParser parser;
  CHECK(parser.parse("").error().what == "is empty, not JSON");
  CHECK(parser.parse("\"\xFF\"").error().what == "is not valid UTF-8");
  CHECK(parser.parse("\"abc").error().what == "is not JSON: a string is not closed");
  CHECK(parser.parse("[1] 2").error().what == "is not JSON");
  CHECK(parser.parse("1e400").error().what == "is not JSON: a number is malformed or out of range");
}

TEST_CASE("Depth is bounded, for both libraries") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  JsonParser parser;
  CHECK(parser.parse(deep).error().what == "is JSON nested deeper than 256 levels");
  CHECK_FALSE(parse_document(deep, "deep.json"));
  CHECK(parser.parse("[[1]]"));
}
