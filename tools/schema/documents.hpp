// Schema documents by URI, and what a `$ref` leads to. Nothing is ever fetched from a network.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.hpp"
#include "json/tree.hpp"

namespace autotape {

inline constexpr std::string_view draft_07_uri = "http://json-schema.org/draft-07/schema";

class SchemaDocuments {
 public:
  // Where a schema stands: what relative references in it are resolved against, and its own
  // address.
  struct Target {
    JsonValue schema;
    std::string base;      // an absolute URI without fragment
    std::string location;  // a URI with a JSON pointer, percent-encoded
    bool later_draft;      // the document says that it is of a draft after 7
  };

  // The text of the document at a URI that nobody has added; nothing if there is none.
  using Loader = std::function<std::optional<std::string>(std::string_view uri)>;

  // Knows the metaschema of draft-07, also by the `https` URI that the provider's files use.
  SchemaDocuments();

  // Makes `text` known at `uri` and at each `$id` in it. `where` names it in errors.
  Result<void> add(std::string_view uri, std::string_view text, const std::string& where);

  // The same for the value at `pointer` in `text`, which counts as a document of its own.
  Result<void> add_part(std::string_view uri, std::string_view text, std::string_view pointer,
                        const std::string& where);

  // Every *.json file below `folder`, at its file URI and at its `$id`.
  Result<void> add_folder(const std::string& folder);

  void set_loader(Loader loader) { loader_ = std::move(loader); }

  // `uri` is absolute; its fragment is a JSON pointer, the name of a `$id` like "#name", or empty.
  Result<Target> find(std::string_view uri);

 private:
  // A value that `$id` makes a resource of its own, or the root of a document.
  struct Base {
    const JsonValue::Node* node;
    std::string uri;
  };
  struct Document {
    JsonTree tree;
    JsonValue root;
    std::vector<Base> bases;  // in the order of the tree, so an inner one comes after an outer one
  };
  struct Resource {
    const Document* document;
    JsonValue schema;
  };

  void register_ids(Document& document, std::string uri);
  Result<const Resource*> find_resource(std::string_view uri);
  Target target(std::string_view address, std::string_view pointer, const Resource& resource,
                JsonValue schema) const;
  std::string_view base_of(const Resource& resource, JsonValue value) const;

  std::deque<Document> documents_;  // references stay valid
  std::unordered_map<std::string, Resource> resources_;
  Loader loader_;
};

// "file:///…" for a path of this machine, relative paths made absolute.
std::string file_uri(const std::string& path);

// The text of the file that file_uri() names; nothing for other URIs and unreadable files.
std::optional<std::string> read_file_uri(std::string_view uri);

}  // namespace autotape
