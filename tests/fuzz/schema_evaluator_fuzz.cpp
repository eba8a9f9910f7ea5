// The first line is a schema, the rest an instance: both ways of judging it must agree.
#include <cstdlib>
#include <memory>

#include "schema/schema.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace autotape;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) {
    return 0;
  }
  auto documents = std::make_shared<SchemaDocuments>();
  if (!documents->add("file:///fuzz.json", text.substr(0, line), "fuzz")) {
    return 0;
  }
  const auto schema = Schema::compile(documents, "file:///fuzz.json");
  const auto instance = JsonTree::parse(text.substr(line + 1), "fuzz");
  if (schema && instance &&
      schema->accepts(instance->root()) != schema->check(instance->root()).empty()) {
    std::abort();
  }
  return 0;
}
