#include "schema/suite.hpp"

#include <fmt/format.h>

#include "core/file.hpp"
#include "json/tree.hpp"
#include "schema/schema.hpp"

namespace autotape {
namespace {

constexpr std::string_view suite_host = "http://localhost:1234/";

std::optional<std::string> read_remote(const std::string& folder, std::string_view uri) {
  const bool inside = uri.starts_with(suite_host) && uri.find("..") == std::string_view::npos;
  if (!inside || folder.empty()) {
    return std::nullopt;
  }
  auto text = read_file(fmt::format("{}/{}", folder, uri.substr(suite_host.size())));
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

std::string_view text_of(JsonValue object, std::string_view name) {
  const auto member = object.member(name);
  return member && member->is(JsonKind::string) ? member->text() : "";
}

struct Group {
  JsonValue value;
  JsonValue schema;
  JsonValue cases;
};

std::optional<Group> read_group(JsonValue value) {
  const auto schema = value.member("schema");
  const auto cases = value.member("tests");
  if (!schema || !cases || !cases->is(JsonKind::array)) {
    return std::nullopt;
  }
  return Group{value, *schema, *cases};
}

Result<Schema> compile_group(const std::string& text, std::size_t index, const std::string& path,
                             const std::string& remotes) {
  auto documents = std::make_shared<SchemaDocuments>();
  documents->set_loader([&](std::string_view uri) { return read_remote(remotes, uri); });
  const std::string uri = "autotape:/suite";
  AUTOTAPE_TRY(documents->add_part(uri, text, fmt::format("/{}/schema", index), path));
  return Schema::compile(std::move(documents), uri);
}

}  // namespace

Result<void> run_suite_file(const std::string& path, const std::string& remotes,
                            SuiteCounts& counts,
                            const std::function<Result<void>(const SuiteCase&)>& report) {
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path));
  AUTOTAPE_TRY_ASSIGN(const JsonTree tree, JsonTree::parse(text, path));
  const auto not_a_suite = [&] {
    return file_error(path, "is no file of test cases",
                      "an array of {\"schema\": …, \"tests\": [{\"data\": …, \"valid\": …}]}");
  };
  if (!tree.root().is(JsonKind::array)) {
    return not_a_suite();
  }
  std::size_t index = 0;
  for (JsonValue value = tree.root().first(); value != tree.root().end(); value = value.next()) {
    const auto group = read_group(value);
    if (!group) {
      return not_a_suite();
    }
    const auto schema = compile_group(text, index++, path, remotes);
    for (JsonValue test = group->cases.first(); test != group->cases.end(); test = test.next()) {
      const auto data = test.member("data");
      const auto valid = test.member("valid");
      if (!data || !valid || !valid->is(JsonKind::boolean)) {
        return not_a_suite();
      }
      SuiteCase result{text_of(value, "description"), text_of(test, "description"), false, {}};
      if (!schema) {
        result.reason = schema.error().line();
      } else {
        result.passed = schema->accepts(*data) == valid->boolean();
        result.reason = valid->boolean() ? "judged invalid" : "judged valid";
      }
      ++(result.passed ? counts.passed : counts.failed);
      AUTOTAPE_TRY(report(result));
    }
  }
  return {};
}

}  // namespace autotape
