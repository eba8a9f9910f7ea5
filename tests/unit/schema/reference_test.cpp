#include <fmt/format.h>

#include "judge.hpp"

using namespace autotape;
using namespace autotape::test;

TEST_CASE("A reference is a JSON pointer, escaped and percent-encoded") {
  const char* schema = R"({
    "definitions": {"a/b": {"type": "integer"}, "c~d": {"type": "integer"}, "e%f": {"type": "integer"},
                    "g\"h": {"type": "integer"}, "é": {"type": "integer"}},
    "items": [true, {"type": "integer"}],
    "properties": {"slash": {"$ref": "#/definitions/a~1b"}, "tilde": {"$ref": "#/definitions/c~0d"},
                   "percent": {"$ref": "#/definitions/e%25f"}, "quote": {"$ref": "#/definitions/g%22h"},
                   "accent": {"$ref": "#/definitions/%C3%A9"}, "place": {"$ref": "#/items/1"}}})";
  for (const char* name : {"slash", "tilde", "percent", "quote", "accent", "place"}) {
    check_all(schema, {fmt::format(R"({{"{}": 1}})", name)},
              {fmt::format(R"({{"{}": "x"}})", name)});
  }
}

TEST_CASE("What stands beside $ref is ignored") {
  check_all(R"({"definitions": {"list": {"type": "array"}},
                "properties": {"a": {"$ref": "#/definitions/list", "maxItems": 1}}})",
            {R"({"a": [1, 2]})"}, {R"({"a": 1})"});
  check_all(R"({"$id": "http://example.com/base/",
                "definitions": {"a": {"$id": "http://example.com/foo.json", "type": "string"},
                                "b": {"$id": "foo.json", "type": "number"}},
                "allOf": [{"$id": "http://example.com/", "$ref": "foo.json"}]})",
            {"1"}, {"\"a\""});
}

TEST_CASE("A property may be called $ref or $id") {
  check_all(R"({"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}})",
            {R"({"$ref": "a", "$id": "b"})"}, {R"({"$ref": 2})", R"({"$id": 2})"});
  check_all(
      R"({"properties": {"$ref": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"type": "string"}}})",
      {R"({"$ref": "a"})"}, {R"({"$ref": 2})"});
}

TEST_CASE("$id changes the base, and names a place") {
  check_all(R"({"$id": "http://example.com/root.json",
                "properties": {"list": {"$ref": "folder/"}},
                "definitions": {"x": {"$id": "folder/", "items": {"$ref": "integer.json"},
                                      "definitions": {"y": {"$id": "integer.json", "type": "integer"}}}}})",
            {R"({"list": [1]})"}, {R"({"list": ["a"]})"});
  check_all(
      R"({"allOf": [{"$ref": "#place"}], "definitions": {"x": {"$id": "#place", "type": "integer"}}})",
      {"1"}, {"\"a\""});
  check_all(R"({"$id": "urn:uuid:deadbeef-1234-0000-0000-4321feebdaed",
                "properties": {"a": {"$ref": "#/definitions/x"}}, "definitions": {"x": {"type": "integer"}}})",
            {R"({"a": 1})"}, {R"({"a": "x"})"});
}

TEST_CASE("What looks like $id in enum, const or an unknown keyword is none") {
  check_all(R"({"definitions": {
                  "in_enum": {"enum": [{"$id": "http://example.com/my.json", "type": "null"}]},
                  "real": {"$id": "http://example.com/my.json", "type": "string"},
                  "in_const": {"const": {"$id": "http://example.com/my.json", "type": "null"}},
                  "in_unknown": {"unknown": {"$id": "http://example.com/my.json", "type": "null"}}},
                "$ref": "http://example.com/my.json"})",
            {"\"a\""}, {"null", "1"});
  check_all(R"({"unknown": {"deep": {"type": "integer"}}, "items": {"$ref": "#/unknown/deep"}})",
            {"[1]"}, {"[\"a\"]"});
}

TEST_CASE(
    "Documents refer to each other by URI, absolute or relative to the host; nothing is fetched") {
  auto documents = std::make_shared<SchemaDocuments>();
  REQUIRE(
      documents->add("file:///root.json", R"({"$ref": "https://example.org/L13/car.json"})", "root")
          .ok());
  REQUIRE(documents
              ->add("file:///car", R"({"$id": "https://example.org/L13/car.json",
      "properties": {"speed": {"$ref": "/L13/units.json#/$defs/speed"}}})",
                    "car")
              .ok());
  const auto missing = Schema::compile(documents, "file:///root.json");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().line().find("https://example.org/L13/units.json#/$defs/speed") !=
        std::string::npos);

  documents->set_loader([](std::string_view uri) {
    return uri == "https://example.org/L13/units.json"
               ? std::optional<std::string>(R"({"$defs": {"speed": {"type": "number"}}})")
               : std::nullopt;
  });
  const auto schema = Schema::compile(documents, "file:///root.json");
  REQUIRE(schema.ok());
  CHECK(accepts(*schema, R"({"speed": 1})"));
  CHECK_FALSE(accepts(*schema, R"({"speed": "fast"})"));
}

TEST_CASE("A document of a later draft that is referred to keeps its dependentRequired") {
  const std::string later =
      R"({"$schema": "https://json-schema.org/draft/2019-09/schema", "dependentRequired": {"a": ["b"]}})";
  auto documents = std::make_shared<SchemaDocuments>();
  REQUIRE(documents->add("file:///later.json", later, "later").ok());
  REQUIRE(documents->add("file:///root.json", R"({"$ref": "later.json"})", "root").ok());
  const auto schema = Schema::compile(documents, "file:///root.json");
  REQUIRE(schema.ok());
  CHECK(accepts(*schema, R"({"a": 1, "b": 2})"));
  CHECK_FALSE(accepts(*schema, R"({"a": 1})"));
  check_all(R"({"dependentRequired": {"a": ["b"]}})", {R"({"a": 1})"}, {});
}

TEST_CASE("The metaschema is built in, by both of its URIs") {
  for (const char* uri :
       {"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema"}) {
    const auto schema = compile(fmt::format(R"({{"$ref": "{}"}})", uri));
    REQUIRE(schema.ok());
    CHECK(accepts(*schema,
                  R"({"minLength": 1, "definitions": {"a": {"type": ["integer", "null"]}}})"));
    CHECK_FALSE(accepts(*schema, R"({"minLength": -1})"));
    CHECK_FALSE(accepts(*schema, R"({"definitions": {"a": {"type": 1}}})"));
  }
}

TEST_CASE("A keyword with a value that draft-07 does not allow is an error with its place") {
  for (const char* schema : {R"({"type": "float"})",
                             R"({"type": []})",
                             R"({"enum": 1})",
                             R"({"minimum": "1"})",
                             R"({"minLength": -1})",
                             R"({"minItems": 1.5})",
                             R"({"required": "a"})",
                             R"({"required": [1]})",
                             R"({"allOf": []})",
                             R"({"anyOf": {}})",
                             R"({"properties": []})",
                             R"({"items": 1})",
                             R"({"not": 1})",
                             R"({"$ref": 1})",
                             R"({"$ref": "#/nowhere"})",
                             R"({"$ref": "#%zz"})",
                             R"({"format": 1})",
                             R"({"patternProperties": {"(": {}}})",
                             "1",
                             R"(["a"])",
                             R"({"dependencies": {"a": 1}})",
                             R"({"uniqueItems": 1})",
                             R"({"if": 1, "then": true})"}) {
    CAPTURE(schema);
    const auto compiled = compile(schema);
    REQUIRE_FALSE(compiled.ok());
    CHECK(compiled.error().where.find("file:///schema.json#") != std::string::npos);
  }
}

TEST_CASE("What cannot be judged is not valid, whatever asks for it") {
  std::string deep = "1";
  for (int i = 0; i < 240; ++i) {
    deep = "[" + deep + "]";
  }
  // Eighteen steps at each level are more than the evaluator goes down.
  std::string inner = R"({"items":{"$ref":"#/definitions/deep"}})";
  for (int i = 0; i < 18; ++i) {
    inner = R"({"allOf":[)" + inner + "]}";
  }
  const std::string definitions = R"("definitions":{"deep":)" + inner + "}";
  for (const std::string schema :
       {R"({"not":{"$ref":"#/definitions/deep"},)",
        R"({"if":{"$ref":"#/definitions/deep"},"then":false,)",
        R"({"oneOf":[{"$ref":"#/definitions/deep"},{"type":"string"}],)"}) {
    const auto found = violations(schema + definitions + "}", deep);
    REQUIRE(found.size() == 1);
    CHECK(found[0].expected == "an instance that can be judged in bounded time and depth");
  }
}
