#include "schema/message_schemas.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "schema/catalogue.hpp"
#include "schema/json_schema.hpp"

namespace autotape {
namespace {

constexpr std::string_view v1_file = "all_capabilities.schema.json";
constexpr std::string_view v2_file = "data.schema.json";

Result<MessageSchemas::DataSchema> compile(std::shared_ptr<SchemaDocuments> documents,
                                           const std::string& uri) {
  AUTOTAPE_TRY_ASSIGN(Schema exact, Schema::compile(std::move(documents), uri));
  FastProgram fast = compile_fast(exact.program(), Catalogue::level13());
  return MessageSchemas::DataSchema{std::move(exact), std::move(fast)};
}

Result<MessageSchemas::DataSchema> compile_built_in(StreamVersion version) {
  const std::string uri = fmt::format("autotape:/{}", version == StreamVersion::v1 ? "v1" : "v2");
  auto documents = std::make_shared<SchemaDocuments>();
  const Json schema = json_schema(Catalogue::level13(), version, SchemaPart::data);
  AUTOTAPE_TRY(documents->add(uri, write_document(schema), "the built-in catalogue"));
  return compile(std::move(documents), uri);
}

std::optional<std::string> find_file(const std::string& folder, std::string_view name) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failed)) {
    if (entry.path().filename() == name) {
      return entry.path().string();
    }
  }
  return std::nullopt;
}

}  // namespace

Result<MessageSchemas> MessageSchemas::built_in() {
  MessageSchemas schemas;
  AUTOTAPE_TRY_ASSIGN(schemas.v1_, compile_built_in(StreamVersion::v1));
  AUTOTAPE_TRY_ASSIGN(schemas.v2_, compile_built_in(StreamVersion::v2));
  return schemas;
}

Result<MessageSchemas> MessageSchemas::from_folder(const std::string& folder) {
  auto documents = std::make_shared<SchemaDocuments>();
  AUTOTAPE_TRY(documents->add_folder(folder));
  MessageSchemas schemas;
  const auto v1 = find_file(folder, v1_file);
  const auto v2 = find_file(folder, v2_file);
  if (!v1 && !v2) {
    return file_error(folder, fmt::format("has neither {} nor {} in it", v1_file, v2_file),
                      "scripts/fetch-schema fetches the provider's schemas");
  }
  if (v1) {
    AUTOTAPE_TRY_ASSIGN(schemas.v1_, compile(documents, file_uri(*v1)));
  }
  if (v2) {
    AUTOTAPE_TRY_ASSIGN(schemas.v2_, compile(documents, file_uri(*v2)));
  }
  return schemas;
}

}  // namespace autotape
