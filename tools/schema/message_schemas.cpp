#include "schema/message_schemas.hpp"

#include <mutex>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "schema/catalogue.hpp"
#include "schema/fast_compiler.hpp"
#include "schema/folder_files.hpp"
#include "schema/json_schema.hpp"

namespace autotape {
namespace {

constexpr std::string_view v1_file = "all_capabilities.schema.json";
constexpr std::string_view v2_file = "data.schema.json";

Schema compile_catalogue(StreamVersion version) {
  const std::string uri = fmt::format("autotape:/{}", version == StreamVersion::v1 ? "v1" : "v2");
  auto documents = std::make_shared<SchemaDocuments>();
  const Json schema = json_schema(Catalogue::level13(), version, SchemaPart::data);
  const auto added = documents->add(uri, write_document(schema), "the built-in catalogue");
  auto compiled = Schema::compile(std::move(documents), uri);
  if (!added || !compiled) {
    throw std::logic_error(compiled.error().line());
  }
  return std::move(compiled).value();
}

// A tree of the provider may hold several levels: ours is taken, or else the last one.
std::optional<std::string> find_file(const std::vector<std::string>& sorted_paths,
                                     std::string_view name) {
  std::optional<std::string> found;
  for (const std::string& path : sorted_paths) {
    const bool ours = path.find("/L13/") != std::string::npos;
    if (path.ends_with(fmt::format("/{}", name)) &&
        (ours || !found || found->find("/L13/") == std::string::npos)) {
      found = path;
    }
  }
  return found;
}

}  // namespace

struct MessageSchemas::Stream {
  StreamVersion version;
  FastProgram fast;
  std::once_flag once;
  std::optional<Schema> exact;  // of the catalogue: since the first call of exact()
};

MessageSchemas::MessageSchemas() = default;
MessageSchemas::MessageSchemas(MessageSchemas&&) noexcept = default;
MessageSchemas& MessageSchemas::operator=(MessageSchemas&&) noexcept = default;
MessageSchemas::~MessageSchemas() = default;

MessageSchemas MessageSchemas::built_in() {
  MessageSchemas schemas;
  for (const StreamVersion version : {StreamVersion::v1, StreamVersion::v2}) {
    schemas.stream(version) = std::make_unique<Stream>();
    schemas.stream(version)->version = version;
    schemas.stream(version)->fast = compile_fast(Catalogue::level13(), version);
  }
  return schemas;
}

Result<MessageSchemas> MessageSchemas::from_folder(const std::string& folder) {
  AUTOTAPE_TRY_ASSIGN(const std::vector<std::string> paths, json_files_below(folder));
  const auto v1_path = find_file(paths, v1_file);
  const auto v2_path = find_file(paths, v2_file);
  if (!v1_path && !v2_path) {
    return file_error(folder, fmt::format("has neither {} nor {} in it", v1_file, v2_file),
                      "scripts/fetch-schema fetches the provider's schemas");
  }
  auto documents = std::make_shared<SchemaDocuments>();
  AUTOTAPE_TRY(documents->add_folder(folder));
  MessageSchemas schemas;
  for (const StreamVersion version : {StreamVersion::v1, StreamVersion::v2}) {
    const auto& path = version == StreamVersion::v1 ? v1_path : v2_path;
    if (!path) {
      continue;
    }
    AUTOTAPE_TRY_ASSIGN(Schema exact, Schema::compile(documents, file_uri(*path)));
    schemas.stream(version) = std::make_unique<Stream>();
    schemas.stream(version)->version = version;
    schemas.stream(version)->fast = compile_fast(exact.program(), Catalogue::level13());
    schemas.stream(version)->exact = std::move(exact);
  }
  return schemas;
}

std::unique_ptr<MessageSchemas::Stream>& MessageSchemas::stream(StreamVersion version) {
  return version == StreamVersion::v1 ? v1_ : v2_;
}

const FastProgram* MessageSchemas::fast(StreamVersion version) const {
  const auto& stream = version == StreamVersion::v1 ? v1_ : v2_;
  return stream ? &stream->fast : nullptr;
}

const Schema* MessageSchemas::exact(StreamVersion version) const {
  const auto& stream = version == StreamVersion::v1 ? v1_ : v2_;
  if (!stream) {
    return nullptr;
  }
  std::call_once(stream->once, [&] {
    if (!stream->exact) {
      stream->exact = compile_catalogue(stream->version);
    }
  });
  return &*stream->exact;
}

}  // namespace autotape
