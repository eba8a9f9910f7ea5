#include <fmt/format.h>

#include "judge.hpp"

using namespace autotape::test;

TEST_CASE("allOf, anyOf, oneOf and not") {
  check_all(R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", {"2"}, {"0", "4"});
  check_all(R"({"anyOf": [{"type": "string"}, {"minimum": 2}]})", {"\"a\"", "2", "null"}, {"1"});
  check_all(R"({"oneOf": [{"type": "integer"}, {"minimum": 2}]})", {"1", "2.5"}, {"3", "1.5"});
  check_all(R"({"oneOf": [true, true]})", {}, {"1"});
  check_all(R"({"not": {"type": "integer"}})", {"\"a\""}, {"1"});
  check_all(R"({"not": {"not": {"type": "null"}}})", {"null"}, {"1"});
}

TEST_CASE("if decides between then and else, and nothing without them") {
  const char* schema =
      R"({"if": {"exclusiveMaximum": 0}, "then": {"minimum": -10}, "else": {"multipleOf": 2}})";
  check_all(schema, {"-1", "4"}, {"-100", "3"});
  check_all(R"({"if": {"const": 0}})", {"0", "1"}, {});
  check_all(R"({"then": {"const": 0}, "else": {"const": 0}})", {"0", "1"}, {});
  check_all(R"({"if": false, "then": false})", {"1"}, {});
  check_all(R"({"if": true, "else": false})", {"1"}, {});
}

TEST_CASE("Of alternatives that all fail, the one that was meant is reported") {
  const auto found = violations(
      R"({"oneOf": [{"required": ["a"], "properties": {"a": {"properties": {"x": {"type": "integer"}}}}},
                    {"required": ["b"]}]})",
      R"({"a": {"x": "1"}})");
  REQUIRE(found.size() == 1);
  CHECK(found[0].instance == "/a/x");
  CHECK(found[0].keyword == "type");
}

TEST_CASE("A schema that needs itself to judge the same instance is refused") {
  CHECK_FALSE(compile(R"({"$ref": "#"})").ok());
  CHECK_FALSE(compile(R"({"allOf": [{"$ref": "#"}]})").ok());
  CHECK_FALSE(compile(R"({"properties": {"a": {"$ref": "#/definitions/x"}},
    "definitions": {"x": {"$ref": "#/definitions/y"}, "y": {"$ref": "#/definitions/x"}}})")
                  .ok());
  CHECK_FALSE(
      compile(R"({"anyOf": [{"type": "null"}, {"not": {"if": {"$ref": "#"}, "then": true}}]})")
          .ok());
  check_all(R"({"properties": {"a": {"$ref": "#"}}, "additionalProperties": false})",
            {R"({"a": {"a": {}}})"}, {R"({"a": {"b": 1}})"});
}

TEST_CASE("What a schema asks for without measure is given up, not suffered") {
  std::string definitions;
  for (int i = 0; i < 60; ++i) {
    definitions += fmt::format(
        R"("d{}": {{"allOf": [{{"$ref": "#/definitions/d{}"}}, {{"$ref": "#/definitions/d{}"}}]}},)",
        i, i + 1, i + 1);
  }
  const auto schema =
      compile(R"({"$ref": "#/definitions/d0", "definitions": {)" + definitions + R"("d60": {}}})");
  REQUIRE(schema.ok());
  const auto tree = autotape::JsonTree::parse("1", "instance");
  CHECK_FALSE(schema->accepts(tree->root()));
}
