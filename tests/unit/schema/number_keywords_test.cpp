#include "judge.hpp"

using namespace autotape::test;

TEST_CASE("minimum and maximum include their limit, the exclusive ones do not") {
  check_all(R"({"minimum": 1.1})", {"1.1", "2.6", "1.10", "\"0\""}, {"1.09999", "-5"});
  check_all(R"({"maximum": 3.0})", {"3", "-1e300"}, {"3.0000001"});
  check_all(R"({"exclusiveMinimum": 1.1})", {"1.2"}, {"1.1", "0.6"});
  check_all(R"({"exclusiveMaximum": 3})", {"2.99"}, {"3", "3.0", "4"});
}

TEST_CASE("Limits are exact where doubles are not") {
  check_all(R"({"maximum": 9007199254740992})", {"9007199254740992"}, {"9007199254740993"});
  check_all(R"({"minimum": 18446744073709551615})",
            {"18446744073709551615", "18446744073709551616"}, {"18446744073709551614"});
  check_all(R"({"exclusiveMaximum": 972783798187987123879878123.18878137})",
            {"972783798187987123879878123.188781369"},
            {"972783798187987123879878123.188781371", "972783798187987123879878123.18878137"});
  check_all(R"({"minimum": -1e-3})", {"-0.001", "0", "-1e-400"}, {"-0.0010000000000000001"});
}

TEST_CASE("multipleOf is decimal, not binary") {
  check_all(R"({"multipleOf": 2})", {"10", "0", "-4", "10.0", "\"3\""}, {"7", "2.5"});
  check_all(R"({"multipleOf": 1.5})", {"0", "4.5", "-3"}, {"35", "4"});
  check_all(R"({"multipleOf": 0.0001})", {"0.0075", "1", "1e20"}, {"0.00751"});
  check_all(R"({"multipleOf": 0.01})", {"19.99", "4.35", "0.07"}, {"0.075"});
  check_all(R"({"type": "integer", "multipleOf": 0.123456789})", {}, {"1e308"});
  check_all(R"({"multipleOf": 1e-8})", {"12391239123"}, {"1e-9"});
  check_all(R"({"multipleOf": 0.5})", {"1e308"}, {"0.3"});
}

TEST_CASE("A divisor must be above zero and have no more digits than can be divided by") {
  for (const char* schema : {R"({"multipleOf": 0})", R"({"multipleOf": -1})",
                             R"({"multipleOf": 3.1415926535897932384626433832795028841971})"}) {
    CAPTURE(schema);
    CHECK_FALSE(compile(schema).ok());
  }
}
