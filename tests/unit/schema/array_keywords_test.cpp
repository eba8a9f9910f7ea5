#include <fmt/format.h>

#include "judge.hpp"

using namespace autotape::test;

TEST_CASE("items as a schema holds for all, as an array place by place") {
  check_all(R"({"items": {"type": "integer"}})", {"[]", "[1, 2.0]", "{\"a\": \"x\"}"},
            {"[1, \"x\"]"});
  check_all(R"({"items": [{"type": "integer"}, {"type": "string"}]})",
            {"[]", "[1]", "[1, \"a\"]", "[1, \"a\", null]"}, {"[\"a\"]", "[1, 1]"});
  check_all(R"({"items": [{"type": "integer"}], "additionalItems": false})", {"[]", "[1]"},
            {"[1, 2]"});
  check_all(R"({"items": [true], "additionalItems": {"type": "null"}})", {"[1, null]"}, {"[1, 1]"});
  check_all(R"({"additionalItems": false})", {"[1, 2]"}, {});
  check_all(R"({"items": {}, "additionalItems": false})", {"[1, 2]"}, {});
  check_all(R"({"items": false})", {"[]"}, {"[1]"});
}

TEST_CASE("minItems, maxItems and contains") {
  check_all(R"({"minItems": 1, "maxItems": 2})", {"[1]", "[1, 2]", "\"\""}, {"[]", "[1, 2, 3]"});
  check_all(R"({"contains": {"minimum": 5}})", {"[1, 6]", "{}"}, {"[]", "[1, 2]"});
  check_all(R"({"contains": false})", {"1"}, {"[]", "[1]"});
}

TEST_CASE("uniqueItems: numbers that are one double are told apart, and soon") {
  std::string items = "[1000000000000000000000000000000";
  for (int i = 1; i < 20'000; ++i) {
    items += fmt::format(",{}", 1'000'000 + i) + "000000000000000000000000";
  }
  std::string close = "[";
  for (int i = 0; i < 20'000; ++i) {
    close += fmt::format("{}1000000000000000000000000{:05}", i == 0 ? "" : ",", i);
  }
  std::string fractions = "[";
  for (int i = 0; i < 20'000; ++i) {
    fractions += fmt::format("{}0.1000000000000000000{:05}1", i == 0 ? "" : ",", i);
  }
  check_all(R"({"uniqueItems": true})", {items + "]", close + "]", fractions + "]"},
            {close + ",1000000000000000000000000000010e-1]"});
}

TEST_CASE("uniqueItems: 1 and 1.0 are the same, 1 and true are not, at any depth") {
  check_all(R"({"uniqueItems": true})",
            {"[1, 2]", "[1, true]", "[0, false]", "[[1], [true]]", R"([{"a": 1}, {"a": true}])",
             "[{}, [], null, \"\"]", R"(["a", "A"])", "[9007199254740992, 9007199254740993]"},
            {"[1, 1]", "[1.0, 1.00, 1]", "[[1], [1.0]]", R"([{"a": 1, "b": 2}, {"b": 2, "a": 1}])",
             "[null, null]", "[[[0]], [[-0.0]]]"});
  check_all(R"({"uniqueItems": false})", {"[1, 1]"}, {});
}
