#include "schema/documents.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/text.hpp"
#include "schema/folder_files.hpp"
#include "schema/metaschema.hpp"
#include "schema/subschemas.hpp"
#include "schema/uri.hpp"

namespace autotape {
namespace {

bool is_later_draft(JsonValue root) {
  const auto draft = root.member("$schema");
  return draft && draft->is(JsonKind::string) &&
         draft->text().find("json-schema.org/draft/20") != std::string_view::npos;
}

}  // namespace

SchemaDocuments::SchemaDocuments() {
  for (const std::string_view uri :
       {draft_07_uri, std::string_view("https://json-schema.org/draft-07/schema")}) {
    // The text is ours: it parses.
    (void)add(uri, draft_07_metaschema, "draft-07");
  }
}

Result<void> SchemaDocuments::add(std::string_view uri, std::string_view text,
                                  const std::string& where) {
  return add_part(uri, text, "", where);
}

Result<void> SchemaDocuments::add_part(std::string_view uri, std::string_view text,
                                       std::string_view pointer, const std::string& where) {
  AUTOTAPE_TRY_ASSIGN(JsonTree tree, JsonTree::parse(text, where));
  const auto root = follow_pointer(tree.root(), pointer);
  if (!root) {
    return file_error(where, fmt::format("has nothing at {}", pointer));
  }
  Document& document = documents_.emplace_back(Document{std::move(tree), *root, {}});
  register_ids(document, std::string(split_fragment(uri).resource));
  return {};
}

Result<void> SchemaDocuments::add_folder(const std::string& folder) {
  // Where two files claim one `$id`, the first wins.
  AUTOTAPE_TRY_ASSIGN(const std::vector<std::string> paths, json_files_below(folder));
  for (const std::string& path : paths) {
    AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path));
    AUTOTAPE_TRY(add(file_uri(path), text, path));
  }
  return {};
}

void SchemaDocuments::register_ids(Document& document, std::string uri) {
  struct Visit {
    JsonValue schema;
    std::string base;
  };
  const JsonValue root = document.root;
  resources_.emplace(uri, Resource{&document, root});
  document.bases.push_back({root.id(), uri});

  std::vector<Visit> visits = {{root, std::move(uri)}};
  while (!visits.empty()) {
    const auto [schema, outer_base] = std::move(visits.back());
    visits.pop_back();
    std::string base = outer_base;
    const auto id = schema.member("$id");
    // Draft-07, section 8.3: what stands beside `$ref` is ignored.
    if (id && id->is(JsonKind::string) && !schema.member("$ref")) {
      const std::string absolute = resolve_uri(base, id->text());
      const auto [resource, fragment] = split_fragment(absolute);
      if (fragment.empty()) {
        base = resource;
        document.bases.push_back({schema.id(), base});
        resources_.emplace(base, Resource{&document, schema});
      } else {
        const std::string name = percent_decode(fragment).value_or(std::string(fragment));
        resources_.emplace(fmt::format("{}#{}", resource, name), Resource{&document, schema});
      }
    }
    for_each_subschema(schema, [&](JsonValue inner) { visits.push_back({inner, base}); });
  }
  std::stable_sort(document.bases.begin(), document.bases.end(),
                   [](const Base& a, const Base& b) { return a.node < b.node; });
}

// Null if there is none.
Result<const SchemaDocuments::Resource*> SchemaDocuments::find_resource(std::string_view uri) {
  auto found = resources_.find(std::string(uri));
  if (found == resources_.end() && loader_) {
    if (const auto text = loader_(uri)) {
      AUTOTAPE_TRY(add(uri, *text, printable(uri, 300)));
      found = resources_.find(std::string(uri));
    }
  }
  return found == resources_.end() ? nullptr : &found->second;
}

std::string_view SchemaDocuments::base_of(const Resource& resource, JsonValue value) const {
  const auto& bases = resource.document->bases;
  const auto innermost = std::find_if(bases.rbegin(), bases.rend(), [&](const Base& base) {
    return base.node <= value.id() && value.id() < base.node + base.node->extent;
  });
  return innermost->uri;
}

SchemaDocuments::Target SchemaDocuments::target(std::string_view address, std::string_view pointer,
                                                const Resource& resource, JsonValue schema) const {
  return {schema, std::string(base_of(resource, schema)),
          fmt::format("{}#{}", address, encode_fragment(pointer)),
          is_later_draft(resource.document->root)};
}

Result<SchemaDocuments::Target> SchemaDocuments::find(std::string_view uri) {
  const auto [address, encoded_fragment] = split_fragment(uri);
  const auto missing = [&](std::string_view what) {
    return file_error(printable(uri, 300), fmt::format("this reference leads nowhere: {}", what));
  };
  const auto fragment = percent_decode(encoded_fragment);
  if (!fragment) {
    return missing("its fragment is badly encoded");
  }
  const bool is_name = !fragment->empty() && fragment->front() != '/';
  AUTOTAPE_TRY_ASSIGN(const Resource* const resource, find_resource(address));
  if (is_name) {
    const auto named = resources_.find(fmt::format("{}#{}", address, *fragment));
    if (named == resources_.end()) {
      return missing(resource != nullptr ? "no schema has that name" : "there is no such document");
    }
    const Document& document = *named->second.document;
    const std::string pointer = pointer_between(document.root, named->second.schema);
    return target(base_of(named->second, document.root), pointer, named->second,
                  named->second.schema);
  }
  if (resource == nullptr) {
    return missing("there is no such document");
  }
  const auto schema = follow_pointer(resource->schema, *fragment);
  if (!schema) {
    return missing("the document has nothing at that place");
  }
  return target(address, *fragment, *resource, *schema);
}

std::string file_uri(const std::string& path) {
  const std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  return "file://" + percent_encode(absolute, ":@/");
}

std::optional<std::string> read_file_uri(std::string_view uri) {
  constexpr std::string_view scheme = "file://";
  const auto path =
      uri.starts_with(scheme) ? percent_decode(uri.substr(scheme.size())) : std::nullopt;
  auto text = path ? std::optional(read_file(*path)) : std::nullopt;
  return text && *text ? std::optional(std::move(**text)) : std::nullopt;
}

}  // namespace autotape
