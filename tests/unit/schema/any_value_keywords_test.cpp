#include "judge.hpp"

using namespace autotape::test;

TEST_CASE("type: an integer is a number without fraction, however it is written") {
  check_all(R"({"type": "integer"})",
            {"1", "-0", "1.0", "1e2", "10e-1", "18446744073709551616", "-9223372036854775809",
             "123456789012345678901234567890123456789"},
            {"1.5", "\"1\"", "true", "1e-1", "9007199254740993.5", "null"});
  check_all(R"({"type": "number"})", {"1", "1.5", "-0.0", "1e308", "5e-324", "1e-400"},
            {"\"1\"", "[1]"});
}

TEST_CASE("type: seven names, alone or in an array") {
  check_all(R"({"type": "null"})", {"null"}, {"0", "false", "\"\"", "{}", "[]"});
  check_all(R"({"type": "boolean"})", {"true", "false"}, {"0", "1", "null", "\"true\""});
  check_all(R"({"type": "string"})", {"\"\"", "\"1\""}, {"1", "null", "[]"});
  check_all(R"({"type": "array"})", {"[]"}, {"{}", "\"[]\""});
  check_all(R"({"type": "object"})", {"{}"}, {"[]", "null"});
  check_all(R"({"type": ["integer", "string"]})", {"1", "\"a\""}, {"1.5", "null"});
}

TEST_CASE("enum and const: numbers by value, true is not 1, members have no order") {
  check_all(R"({"const": 1})", {"1", "1.0", "10e-1"}, {"true", "\"1\"", "[1]", "1.0000000000001"});
  check_all(R"({"const": 0})", {"0", "-0", "0.0", "0e9"}, {"false", "null"});
  check_all(R"({"const": [true]})", {"[true]"}, {"[1]", "[]", "[true, true]"});
  check_all(R"({"const": {"a": 1, "b": [null]}})", {R"({"b": [null], "a": 1.0})"},
            {R"({"a": 1})", R"({"a": 1, "b": [null], "c": 0})"});
  check_all(R"({"const": 9007199254740993})", {"9007199254740993"}, {"9007199254740992"});
  check_all(R"({"const": "a\u0000b"})", {R"("a\u0000b")"}, {R"("a")"});
  check_all(R"({"enum": ["front", 2, null, {"a": false}]})",
            {"\"front\"", "2.0", "null", R"({"a": false})"},
            {"\"Front\"", "3", "false", R"({"a": 0})"});
}

TEST_CASE("true accepts and false refuses everything") {
  check_all("true", {"1", "null", "{}"}, {});
  check_all("{}", {"1", "null", "{}"}, {});
  check_all("false", {}, {"1", "null", "{}"});
}

TEST_CASE("What is no keyword of draft-07 decides nothing") {
  check_all(R"({"deprecated": true, "unit": 7, "description": "x", "default": [], "examples": []})",
            {"1", "{}"}, {});
}
