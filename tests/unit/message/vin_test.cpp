#include "message/vin.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("a VIN has 17 upper-case letters and digits without I, O and Q") {
  CHECK(is_vin("1M8GDM9AXKP042788"));
  CHECK_FALSE(is_vin("1M8GDM9AXKP04278"));
  CHECK_FALSE(is_vin("1M8GDM9AXKP0427888"));
  CHECK_FALSE(is_vin("1M8GDM9AXKP04278O"));
  CHECK_FALSE(is_vin("1M8GDM9AXKP04278a"));
  CHECK_FALSE(is_vin(""));
}

TEST_CASE("the check digit is the weighted sum modulo 11, X for ten") {
  CHECK(has_valid_check_digit("1M8GDM9AXKP042788"));
  CHECK(has_valid_check_digit("11111111111111111"));
  CHECK_FALSE(has_valid_check_digit("1M8GDM9A1KP042788"));
  CHECK(vin_check_digit("1M8GDM9A0KP042788") == 'X');
  CHECK_FALSE(has_valid_check_digit("short"));
}

TEST_CASE("A check digit must be right only where the region asks for it") {
  CHECK(has_plausible_check_digit("1M8GDM9AXKP042788"));
  CHECK_FALSE(has_plausible_check_digit("1M8GDM9A1KP042788"));
  CHECK(has_plausible_check_digit("WVWZZZ1JZ3W386752"));
}
