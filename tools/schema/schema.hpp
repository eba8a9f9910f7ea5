// JSON Schema draft-07: compile once, then judge any number of documents.
//
//   auto documents = std::make_shared<SchemaDocuments>();
//   AUTOTAPE_TRY(documents->add("file:///schema.json", text, "schema.json"));
//   AUTOTAPE_TRY_ASSIGN(const Schema schema, Schema::compile(documents, "file:///schema.json"));
//   for (const Violation& violation : schema.check(tree.root())) …
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "json/tree.hpp"
#include "schema/documents.hpp"
#include "schema/program.hpp"
#include "schema/violation.hpp"

namespace autotape {

// Moved, never copied. Any number of threads may judge with one schema at a time.
class Schema {
 public:
  // See compile_schema().
  static Result<Schema> compile(std::shared_ptr<SchemaDocuments> documents, std::string_view uri);

  // Stops at the first violation. False as well for an instance that takes more than a hundred
  // million steps or a few thousand nested ones: some schemas ask for more than any machine can do.
  bool accepts(JsonValue instance) const;

  // All violations, in the order of the schema's keywords; none if the instance is valid. Where a
  // schema gives a choice, those of the alternative that the instance comes closest to.
  std::vector<Violation> check(JsonValue instance) const;

  const Program& program() const { return program_; }

 private:
  explicit Schema(Program program) : program_(std::move(program)) {}

  Program program_;
};

// Is `schema` itself a schema, as the metaschema of draft-07 defines it?
std::vector<Violation> check_schema(JsonValue schema);

}  // namespace autotape
