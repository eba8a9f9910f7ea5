// What the tests of the schema engine share: judge a text by a text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "schema/schema.hpp"

namespace autotape::test {

inline Result<Schema> compile(std::string_view schema) {
  auto documents = std::make_shared<SchemaDocuments>();
  AUTOTAPE_TRY(documents->add("file:///schema.json", schema, "schema.json"));
  return Schema::compile(documents, "file:///schema.json");
}

inline bool accepts(const Schema& schema, std::string_view instance) {
  const auto tree = JsonTree::parse(instance, "instance");
  REQUIRE_MESSAGE(tree.ok(), instance, ": ", tree.ok() ? "" : tree.error().line());
  const bool accepted = schema.accepts(tree->root());
  // Both ways of judging must agree.
  CHECK(accepted == schema.check(tree->root()).empty());
  return accepted;
}

inline void check_all(std::string_view schema_text, const std::vector<std::string>& valid,
                      const std::vector<std::string>& invalid) {
  CAPTURE(schema_text);
  const auto schema = compile(schema_text);
  REQUIRE_MESSAGE(schema.ok(), (schema.ok() ? "" : schema.error().line()));
  for (const std::string& instance : valid) {
    CAPTURE(instance);
    CHECK(accepts(*schema, instance));
  }
  for (const std::string& instance : invalid) {
    CAPTURE(instance);
    CHECK_FALSE(accepts(*schema, instance));
  }
}

// Every violation of `instance`, as their lines.
inline std::vector<Violation> violations(std::string_view schema_text, std::string_view instance) {
  const auto schema = compile(schema_text);
  REQUIRE_MESSAGE(schema.ok(), (schema.ok() ? "" : schema.error().line()));
  const auto tree = JsonTree::parse(instance, "instance");
  REQUIRE(tree.ok());
  return schema->check(tree->root());
}

}  // namespace autotape::test
