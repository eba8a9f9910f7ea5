#include "judge.hpp"

using namespace autotape::test;

TEST_CASE("properties, patternProperties and additionalProperties share the members") {
  check_all(R"({"properties": {"a": {"type": "integer"}}})", {"{}", R"({"a": 1, "b": "x"})", "[]"},
            {R"({"a": "x"})"});
  check_all(
      R"({"properties": {"a": true}, "patternProperties": {"^v": true}, "additionalProperties": false})",
      {"{}", R"({"a": 1, "vroom": 2})"}, {R"({"b": 1})", R"({"av": 1})"});
  check_all(R"({"patternProperties": {"a*": {"type": "integer"}, "aaa": {"maximum": 20}}})",
            {R"({"aaaa": 18})"}, {R"({"a": "x"})", R"({"aaaa": 31})"});
  check_all(R"({"properties": {"a": {"minimum": 1}}, "patternProperties": {"a": {"maximum": 2}}})",
            {R"({"a": 1})"}, {R"({"a": 0})", R"({"a": 3})"});
  check_all(R"({"additionalProperties": {"type": "boolean"}})", {R"({"x": true})"},
            {R"({"x": 1})"});
  check_all(R"({"properties": {"a\"b": {"type": "null"}, "é": {"type": "null"}}})",
            {R"({"a\u0022b": null, "\u00e9": null})"}, {R"({"a\"b": 1})", R"({"é": 1})"});
}

TEST_CASE("Names that are special elsewhere are names like any other") {
  check_all(R"({"properties": {"__proto__": {"type": "number"}, "constructor": {"type": "number"}},
                "required": ["toString"]})",
            {R"({"toString": 1, "__proto__": 1})"}, {"{}", R"({"toString": 1, "__proto__": "x"})"});
}

TEST_CASE("required, minProperties and maxProperties") {
  check_all(R"({"required": ["a", "b"]})", {R"({"a": null, "b": 1})", "[]"}, {R"({"a": 1})", "{}"});
  check_all(R"({"required": []})", {"{}"}, {});
  check_all(R"({"minProperties": 1})", {R"({"a": 1})", "[]"}, {"{}"});
  check_all(R"({"maxProperties": 1})", {"{}", R"({"a": 1})"}, {R"({"a": 1, "b": 2})"});
}

TEST_CASE("propertyNames judges names as strings") {
  check_all(R"({"propertyNames": {"maxLength": 3}})", {R"({"abc": {}})", "{}", "1"},
            {R"({"abcd": 1})"});
  check_all(R"({"propertyNames": false})", {"{}"}, {R"({"a": 1})"});
}

TEST_CASE("dependencies ask for names or for a schema") {
  check_all(R"({"dependencies": {"b": ["a"], "c": {"minProperties": 3}, "d": false}})",
            {"{}", R"({"a": 1})", R"({"a": 1, "b": 2})", R"({"c": 1, "x": 2, "y": 3})", "\"b\""},
            {R"({"b": 1})", R"({"c": 1})", R"({"d": 1})"});
}
