#include "judge.hpp"

using namespace autotape;
using namespace autotape::test;

TEST_CASE(
    "A violation says where in the instance and where in the schema, what was expected and found") {
  const auto found = violations(
      R"({"properties": {"unit": {"$ref": "#/definitions/unit"}}, "definitions": {"unit": {"enum": ["miles", "meters"]}}})",
      R"({"unit": "metres"})");
  REQUIRE(found.size() == 1);
  CHECK(found[0].rule == "schema");
  CHECK(found[0].instance == "/unit");
  CHECK(found[0].keyword == "enum");
  CHECK(found[0].schema_location == "file:///schema.json#/definitions/unit/enum");
  CHECK(found[0].expected == R"(one of "miles", "meters")");
  CHECK(found[0].found == R"("metres")");
  CHECK(found[0].nearest == "meters");
}

TEST_CASE("All violations are collected, at escaped pointers") {
  const auto found = violations(
      R"({"properties": {"a/b": {"items": {"type": "integer"}}}, "required": ["x"], "additionalProperties": false})",
      R"({"a/b": [1, "2", true], "y~z": 1})");
  REQUIRE(found.size() == 4);
  CHECK(found[0].keyword == "required");
  CHECK(found[1].instance == "/a~1b/1");
  CHECK(found[2].instance == "/a~1b/2");
  CHECK(found[3].instance == "/y~0z");
  CHECK(found[3].keyword == "additionalProperties");
}

TEST_CASE("An unknown member gets the nearest known name, where one is near") {
  const char* schema =
      R"({"properties": {"odometer": true, "speed": true}, "additionalProperties": false})";
  CHECK(violations(schema, R"({"odometre": 1})")[0].nearest == "odometer");
  CHECK_FALSE(violations(schema, R"({"zzz": 1})")[0].nearest);
}

TEST_CASE("What was found is cut at 80 characters and safe for a terminal") {
  const auto found =
      violations(R"({"type": "integer"})", "\"\\u001b[31m" + std::string(200, 'x') + "\"");
  CHECK(found[0].found.starts_with("\"\\x1B[31m"));
  CHECK(found[0].found.size() < 100);
}

TEST_CASE("Of what a text should hold, the keyword that it breaks is named") {
  const char* schema = R"({"contentEncoding": "base64", "contentMediaType": "application/json"})";
  CHECK(violations(schema, "\"%\"")[0].keyword == "contentEncoding");
  CHECK(violations(schema, "\"YQ==\"")[0].keyword == "contentMediaType");
}

TEST_CASE("The metaschema finds what is wrong with a schema") {
  const auto tree =
      JsonTree::parse(R"({"type": "strin", "properties": {"a": {"minLength": -1}}})", "");
  const auto found = check_schema(tree->root());
  REQUIRE_FALSE(found.empty());
  CHECK(std::any_of(found.begin(), found.end(),
                    [](const Violation& v) { return v.instance == "/properties/a/minLength"; }));
}

TEST_CASE("Many violations of one rule take no room of another's") {
  const auto violation = [](std::string_view rule, Severity severity, std::string instance) {
    Violation made;
    made.rule = rule;
    made.severity = severity;
    made.instance = std::move(instance);
    return made;
  };
  std::vector<Violation> kept;
  for (int i = 0; i < 300; ++i) {
    keep_violation(kept, violation("percentage-range", Severity::warning, "/data/a/b"));
  }
  keep_violation(kept, violation("schema", Severity::error, "/data/a/bc"));
  keep_violation(kept, violation("percentage-range", Severity::warning, "/data/a/bc"));
  REQUIRE(kept.size() == most_violations + 2);
  CHECK(kept.back().rule == "schema");
  const Violation& rest = kept[most_violations];
  CHECK(rest.unlisted == 101);
  CHECK(rest.instance == "/data/a");
}

TEST_CASE("Where violations are that are not listed is the innermost place that holds them all") {
  const auto place_of = [](const std::string& a, const std::string& b) {
    std::vector<Violation> kept(most_violations);
    for (const std::string& instance : {a, b}) {
      Violation violation;
      violation.instance = instance;
      keep_violation(kept, violation);
    }
    return kept.back().instance;
  };
  CHECK(place_of("/x/1/unit", "/x/1/value") == "/x/1");
  CHECK(place_of("/x/1/unit", "/x/10/unit") == "/x");
  CHECK(place_of("/x/10/unit", "/x/1/unit") == "/x");
  CHECK(place_of("/x/1", "/x/1/unit") == "/x/1");
  CHECK(place_of("/x", "/y").empty());
  CHECK(place_of("/x", "").empty());
}

TEST_CASE("Alternatives that fail deep inside many items are limited, too") {
  std::string items;
  for (int i = 0; i < 1000; ++i) {
    items += i == 0 ? R"({"a":1})" : R"(,{"a":1})";
  }
  const auto found = violations(
      R"({"items": {"oneOf": [{"properties": {"a": {"type": "string"}}},
                              {"properties": {"a": {"type": "null"}}}]}})",
      "[" + items + "]");
  REQUIRE(found.size() == most_violations + 1);
  CHECK(found.back().unlisted == 800);
}

TEST_CASE("Of alternatives, the one that fails deep inside is told, however often it fails") {
  for (const int count : {150, 300}) {
    std::string items = R"({"a":1})";
    for (int i = 1; i < count; ++i) {
      items += R"(,{"a":1})";
    }
    const auto found = violations(
        R"({"oneOf": [{"items": {"properties": {"a": {"type": "string"}}}}, {"type": "null"}]})",
        "[" + items + "]");
    CAPTURE(count);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().instance == "/0/a");
  }
}

TEST_CASE(
    "The place in the schema is a URI that leads there, behind named and encoded references too") {
  const std::string schema = R"({
    "properties": {
      "named": {"$ref": "#unit"},
      "beyond ASCII": {"$ref": "#gr%C3%B6"},
      "encoded": {"$ref": "#/definitions/100%25%20%7Bof%7D"}
    },
    "definitions": {
      "ö": {"$id": "#gr%C3%B6"},
      "x": {"$id": "#unit", "properties": {"a b": {"type": "string"}}},
      "100% {of}": {"type": "string"}
    }
  })";
  const auto found = violations(schema, R"({"named": {"a b": 1}, "encoded": 2})");
  REQUIRE(found.size() == 2);
  CHECK(found[0].schema_location == "file:///schema.json#/definitions/x/properties/a%20b/type");
  CHECK(found[1].schema_location == "file:///schema.json#/definitions/100%25%20%7Bof%7D/type");
}
