// Any bytes as a schema: compiled or refused, and what was compiled judges without trouble.
#include <cstdlib>
#include <memory>

#include "schema/schema.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace autotape;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto documents = std::make_shared<SchemaDocuments>();
  if (!documents->add("file:///fuzz.json", text, "fuzz")) {
    return 0;
  }
  const auto schema = Schema::compile(documents, "file:///fuzz.json");
  const auto tree = JsonTree::parse(text, "fuzz");
  if (schema && tree) {
    (void)schema->check(tree->root());
    (void)check_schema(tree->root());
  }
  return 0;
}
