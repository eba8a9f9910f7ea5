// From schema documents to a program.
#pragma once

#include <memory>
#include <string_view>

#include "core/result.hpp"
#include "schema/documents.hpp"
#include "schema/program.hpp"

namespace autotape {

// The schema at `uri` and all that it refers to. Errors name the place in the schema: a keyword
// with a value that draft-07 does not allow, a reference that leads nowhere, a pattern that cannot
// be run, or a schema that needs itself to judge the same instance.
Result<Program> compile_schema(std::shared_ptr<SchemaDocuments> documents, std::string_view uri);

}  // namespace autotape
