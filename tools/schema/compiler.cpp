#include "schema/compiler.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include <fmt/format.h>

#include "core/text.hpp"
#include "schema/endless_schemas.hpp"
#include "schema/keyword_values.hpp"
#include "schema/subschemas.hpp"
#include "schema/uri.hpp"

namespace autotape {
namespace {

class Compiler {
 public:
  explicit Compiler(std::shared_ptr<SchemaDocuments> documents) {
    program_.documents = std::move(documents);
  }

  Result<Program> compile(std::string_view uri) {
    AUTOTAPE_TRY_ASSIGN(const SchemaDocuments::Target root, program_.documents->find(uri));
    program_.root = index_of(root);
    while (!waiting_.empty()) {
      const Pending next = std::move(waiting_.front());
      waiting_.pop_front();
      AUTOTAPE_TRY(compile_node(next));
    }
    AUTOTAPE_TRY(resolve_references());
    AUTOTAPE_TRY(refuse_endless_schemas());
    return std::move(program_);
  }

 private:
  struct Pending {
    SchemaIndex index;
    JsonValue schema;
    std::string base;  // for references in it: its own `$id` counts
    std::string location;
    bool later_draft;
  };

  SchemaIndex index_of(const SchemaDocuments::Target& schema);
  SchemaIndex child(const Pending& parent, JsonValue schema,
                    std::initializer_list<std::string_view> path);
  Result<void> compile_node(const Pending& at);
  Result<void> compile_reference(const Pending& at, JsonValue reference);
  Result<void> compile_keyword(const Pending& at, std::string_view name, JsonValue value);
  Result<void> compile_plain(const Pending& at, std::string_view name, JsonValue value);
  Result<void> compile_pattern(const Pending& at, JsonValue value);
  Result<void> compile_required(const Pending& at, JsonValue value);
  Result<void> compile_branches(const Pending& at, Keyword keyword, JsonValue value);
  Result<void> compile_dependencies(const Pending& at, Keyword keyword, JsonValue value);
  Result<void> compile_items(const Pending& at);
  Result<void> compile_members(const Pending& at);
  Result<void> compile_conditional(const Pending& at);
  Result<std::uint32_t> add_pattern(const Pending& at, std::string_view keyword, JsonValue text);
  Result<void> resolve_references();
  Result<void> refuse_endless_schemas() const;

  template <typename Rule>
  std::uint64_t add(std::vector<Rule>& table, Rule rule) {
    table.push_back(std::move(rule));
    return table.size() - 1;
  }
  template <typename Rule>
  std::optional<std::uint64_t> keep(std::vector<Rule>& table, std::optional<Rule> rule) {
    return rule ? std::optional(add(table, *std::move(rule))) : std::nullopt;
  }
  void emit(Keyword keyword, std::uint64_t operand) {
    program_.instructions.push_back({keyword, operand});
  }
  static Error wrong(const Pending& at, std::string_view keyword, std::string_view expected) {
    return file_error(fmt::format("{}/{}", printable(at.location, 300), keyword),
                      fmt::format("is not {}", expected), "correct the schema");
  }
  static bool is_schema(JsonValue value) {
    return value.is(JsonKind::object) || value.is(JsonKind::boolean);
  }

  Program program_;
  std::deque<Pending> waiting_;
  std::unordered_map<const JsonValue::Node*, SchemaIndex> indexes_;
  std::unordered_map<SchemaIndex, SchemaIndex> references_;
};

SchemaIndex Compiler::index_of(const SchemaDocuments::Target& schema) {
  const auto next = static_cast<SchemaIndex>(program_.schemas.size());
  const auto [known, is_new] = indexes_.emplace(schema.schema.id(), next);
  if (is_new) {
    program_.schemas.emplace_back().location = schema.location;
    waiting_.push_back({next, schema.schema, schema.base, schema.location, schema.later_draft});
  }
  return known->second;
}

SchemaIndex Compiler::child(const Pending& parent, JsonValue schema,
                            std::initializer_list<std::string_view> path) {
  std::string pointer;
  for (const std::string_view name : path) {
    append_pointer(pointer, name);
  }
  return index_of({schema, base_inside(schema, parent.base),
                   parent.location + encode_fragment(pointer), parent.later_draft});
}

Result<void> Compiler::compile_node(const Pending& at) {
  if (at.schema.is(JsonKind::boolean)) {
    program_.schemas[at.index].never = !at.schema.boolean();
    return {};
  }
  if (!at.schema.is(JsonKind::object)) {
    return file_error(printable(at.location, 300), "is no schema: neither an object nor a boolean");
  }
  if (const auto reference = at.schema.member("$ref")) {
    return compile_reference(at, *reference);
  }
  const std::size_t first = program_.instructions.size();
  for (JsonValue name = at.schema.first(); name != at.schema.end(); name = name.next().next()) {
    AUTOTAPE_TRY(compile_keyword(at, name.text(), name.next()));
  }
  AUTOTAPE_TRY(compile_items(at));
  AUTOTAPE_TRY(compile_members(at));
  AUTOTAPE_TRY(compile_conditional(at));
  if (const std::uint64_t bits = read_content_bits(at.schema); bits != 0) {
    emit(Keyword::content, bits);
  }
  SchemaNode& node = program_.schemas[at.index];
  node.first = static_cast<std::uint32_t>(first);
  node.count = static_cast<std::uint32_t>(program_.instructions.size() - first);
  return {};
}

Result<void> Compiler::compile_reference(const Pending& at, JsonValue reference) {
  if (!reference.is(JsonKind::string)) {
    return wrong(at, "$ref", "a string");
  }
  auto target = program_.documents->find(resolve_uri(at.base, reference.text()));
  if (!target) {
    return file_error(fmt::format("{}/$ref", printable(at.location, 300)), target.error().line());
  }
  references_[at.index] = index_of(*target);
  return {};
}

Result<void> Compiler::compile_keyword(const Pending& at, std::string_view name, JsonValue value) {
  if (name == "const") {
    emit(Keyword::constant, add(program_.constants, value));
  } else if (name == "enum") {
    if (!value.is(JsonKind::array)) {
      return wrong(at, name, "an array");
    }
    emit(Keyword::enumeration, add(program_.constants, value));
  } else if (name == "pattern") {
    return compile_pattern(at, value);
  } else if (name == "format") {
    if (!value.is(JsonKind::string)) {
      return wrong(at, name, "a string");
    }
    if (const FormatCheck check = find_format(value.text())) {
      emit(Keyword::format, add(program_.formats, FormatRule{std::string(value.text()), check}));
    }
  } else if (name == "uniqueItems") {
    if (!value.is(JsonKind::boolean)) {
      return wrong(at, name, "a boolean");
    }
    if (value.boolean()) {
      emit(Keyword::unique_items, 0);
    }
  } else if (name == "required") {
    return compile_required(at, value);
  } else if (name == "contains" || name == "propertyNames" || name == "not") {
    if (!is_schema(value)) {
      return wrong(at, name, "a schema");
    }
    emit(name == "contains" ? Keyword::contains
         : name == "not"    ? Keyword::negation
                            : Keyword::property_names,
         child(at, value, {name}));
  } else if (name == "allOf") {
    return compile_branches(at, Keyword::all_of, value);
  } else if (name == "anyOf") {
    return compile_branches(at, Keyword::any_of, value);
  } else if (name == "oneOf") {
    return compile_branches(at, Keyword::one_of, value);
  } else if (name == "dependencies") {
    return compile_dependencies(at, Keyword::dependencies, value);
  } else if (name == "dependentRequired" && at.later_draft) {
    return compile_dependencies(at, Keyword::dependent_required, value);
  } else {
    return compile_plain(at, name, value);
  }
  return {};
}

Result<void> Compiler::compile_plain(const Pending& at, std::string_view name, JsonValue value) {
  const PlainKeyword* const known = find_plain_keyword(name);
  if (known == nullptr) {
    return {};  // what draft-07 does not know is ignored
  }
  std::optional<std::uint64_t> operand;
  switch (known->takes) {
    case PlainKeyword::Takes::types:
      operand = read_type_bits(value);
      break;
    case PlainKeyword::Takes::count:
      operand = read_count(value);
      break;
    case PlainKeyword::Takes::limit:
      operand = keep(program_.limits, read_limit(value));
      break;
    case PlainKeyword::Takes::divisor:
      operand = keep(program_.limits, read_divisor(value));
      break;
  }
  if (!operand) {
    return wrong(at, name, what_it_takes(known->takes));
  }
  emit(known->keyword, *operand);
  return {};
}

Result<std::uint32_t> Compiler::add_pattern(const Pending& at, std::string_view keyword,
                                            JsonValue text) {
  auto pattern = Pattern::compile(text.text());
  if (!pattern) {
    return file_error(fmt::format("{}/{}", printable(at.location, 300), keyword),
                      pattern.error().what);
  }
  return static_cast<std::uint32_t>(
      add(program_.patterns, NamedPattern{std::move(*pattern), std::string(text.text())}));
}

Result<void> Compiler::compile_pattern(const Pending& at, JsonValue value) {
  if (!value.is(JsonKind::string)) {
    return wrong(at, "pattern", "a string");
  }
  AUTOTAPE_TRY_ASSIGN(const std::uint32_t index, add_pattern(at, "pattern", value));
  emit(Keyword::pattern, index);
  return {};
}

Result<void> Compiler::compile_required(const Pending& at, JsonValue value) {
  const auto index = keep(program_.names, read_names(value));
  if (!index) {
    return wrong(at, "required", "an array of names");
  }
  emit(Keyword::required, *index);
  return {};
}

Result<void> Compiler::compile_branches(const Pending& at, Keyword keyword, JsonValue value) {
  if (!value.is(JsonKind::array) || value.size() == 0) {
    return wrong(at, name_of(keyword), "an array of at least one schema");
  }
  std::vector<SchemaIndex> branches;
  for (JsonValue branch = value.first(); branch != value.end(); branch = branch.next()) {
    branches.push_back(child(at, branch, {name_of(keyword), std::to_string(branches.size())}));
  }
  emit(keyword, add(program_.branches, std::move(branches)));
  return {};
}

Result<void> Compiler::compile_dependencies(const Pending& at, Keyword keyword, JsonValue value) {
  if (!value.is(JsonKind::object)) {
    return wrong(at, name_of(keyword), "an object");
  }
  std::vector<Dependency> rule;
  for (JsonValue name = value.first(); name != value.end(); name = name.next().next()) {
    Dependency& dependency = rule.emplace_back();
    dependency.name = name.text();
    if (is_schema(name.next())) {
      dependency.schema = child(at, name.next(), {name_of(keyword), name.text()});
    } else if (auto names = read_names(name.next())) {
      dependency.required = *std::move(names);
    } else {
      return wrong(at, name_of(keyword), "an object of schemas and arrays of names");
    }
  }
  emit(keyword, add(program_.dependencies, std::move(rule)));
  return {};
}

Result<void> Compiler::compile_items(const Pending& at) {
  const auto items = at.schema.member("items");
  if (!items) {
    return {};
  }
  ItemsRule rule;
  if (items->is(JsonKind::array)) {
    for (JsonValue place = items->first(); place != items->end(); place = place.next()) {
      rule.places.push_back(child(at, place, {"items", std::to_string(rule.places.size())}));
    }
    if (const auto others = at.schema.member("additionalItems")) {
      rule.others = child(at, *others, {"additionalItems"});
    }
  } else {
    rule.others = child(at, *items, {"items"});
  }
  emit(Keyword::items, add(program_.items, std::move(rule)));
  return {};
}

Result<void> Compiler::compile_members(const Pending& at) {
  const auto properties = at.schema.member("properties");
  const auto by_pattern = at.schema.member("patternProperties");
  const auto others = at.schema.member("additionalProperties");
  if (!properties && !by_pattern && !others) {
    return {};
  }
  MembersRule rule;
  if (properties) {
    if (!properties->is(JsonKind::object)) {
      return wrong(at, "properties", "an object");
    }
    for (JsonValue name = properties->first(); name != properties->end();
         name = name.next().next()) {
      rule.named[name.text()] = child(at, name.next(), {"properties", name.text()});
      rule.names.push_back(name.text());
    }
  }
  if (by_pattern) {
    if (!by_pattern->is(JsonKind::object)) {
      return wrong(at, "patternProperties", "an object");
    }
    for (JsonValue name = by_pattern->first(); name != by_pattern->end();
         name = name.next().next()) {
      AUTOTAPE_TRY_ASSIGN(const std::uint32_t pattern, add_pattern(at, "patternProperties", name));
      rule.by_pattern.emplace_back(pattern,
                                   child(at, name.next(), {"patternProperties", name.text()}));
    }
  }
  if (others) {
    rule.others = child(at, *others, {"additionalProperties"});
  }
  emit(Keyword::members, add(program_.members, std::move(rule)));
  return {};
}

Result<void> Compiler::compile_conditional(const Pending& at) {
  const auto condition = at.schema.member("if");
  const auto then_schema = at.schema.member("then");
  const auto else_schema = at.schema.member("else");
  if (!condition || (!then_schema && !else_schema)) {
    return {};
  }
  ConditionalRule rule;
  rule.condition = child(at, *condition, {"if"});
  if (then_schema) {
    rule.then_schema = child(at, *then_schema, {"then"});
  }
  if (else_schema) {
    rule.else_schema = child(at, *else_schema, {"else"});
  }
  emit(Keyword::conditional, add(program_.conditionals, rule));
  return {};
}

Result<void> Compiler::resolve_references() {
  for (const auto& [from, first_target] : references_) {
    SchemaIndex target = first_target;
    for (std::size_t steps = 0; references_.count(target) != 0; ++steps) {
      if (steps > references_.size()) {
        return file_error(printable(program_.schemas[from].location, 300),
                          "refers to itself in a circle");
      }
      target = references_[target];
    }
    program_.schemas[from].same_as = target;
  }
  return {};
}

Result<void> Compiler::refuse_endless_schemas() const {
  if (const auto endless = find_endless_schema(program_)) {
    return file_error(printable(program_.schemas[*endless].location, 300),
                      "needs itself to judge the same instance, without end");
  }
  return {};
}

}  // namespace

Result<Program> compile_schema(std::shared_ptr<SchemaDocuments> documents, std::string_view uri) {
  return Compiler(std::move(documents)).compile(uri);
}

}  // namespace autotape
