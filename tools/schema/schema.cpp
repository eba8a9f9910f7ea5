#include "schema/schema.hpp"

#include "schema/compiler.hpp"
#include "schema/evaluator.hpp"

namespace autotape {

Result<Schema> Schema::compile(std::shared_ptr<SchemaDocuments> documents, std::string_view uri) {
  AUTOTAPE_TRY_ASSIGN(Program program, compile_schema(std::move(documents), uri));
  return Schema(std::move(program));
}

bool Schema::accepts(JsonValue instance) const {
  return Evaluator(program_).accepts(program_.root, instance);
}

std::vector<Violation> Schema::check(JsonValue instance) const {
  std::vector<Violation> violations;
  Evaluator evaluator(program_);
  if (!evaluator.accepts(program_.root, instance)) {
    evaluator.collect(program_.root, instance, violations);
  }
  return violations;
}

std::vector<Violation> check_schema(JsonValue schema) {
  static const Result<Schema> metaschema =
      Schema::compile(std::make_shared<SchemaDocuments>(), draft_07_uri);
  return metaschema->check(schema);
}

}  // namespace autotape
