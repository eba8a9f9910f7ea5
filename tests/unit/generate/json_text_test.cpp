#include "generate/json_text.hpp"

#include <cstdint>

#include <doctest/doctest.h>

using namespace autotape;

namespace {

std::string decimal(double value, unsigned places) {
  std::string text;
  append_decimal(text, value, places);
  return text;
}

}  // namespace

TEST_CASE("Numbers are rounded, and without what says nothing") {
  CHECK(decimal(48211.4251, 2) == "48211.43");
  CHECK(decimal(100, 3) == "100");
  CHECK(decimal(0.5, 4) == "0.5");
  CHECK(decimal(0.05, 2) == "0.05");
  CHECK(decimal(-3.25, 1) == "-3.3");
  CHECK(decimal(-0.001, 2) == "0");  // not "-0"
  CHECK(decimal(9.999, 2) == "10");
  CHECK(decimal(7.6, 0) == "8");
}

TEST_CASE("Whole numbers and quantities are JSON") {
  std::string text;
  append_integer(text, 0);
  text += ' ';
  append_integer(text, UINT64_MAX);
  CHECK(text == "0 18446744073709551615");
  text.clear();
  append_quantity(text, "kilometers", 12.5, 2);
  CHECK(text == R"({"unit":"kilometers","value":12.5})");
}
