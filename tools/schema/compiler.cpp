#include "schema/compiler.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <limits>

#include <fmt/format.h>

#include "core/text.hpp"
#include "schema/uri.hpp"

namespace autotape {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 7> type_names = {{
    {"null", type_null},
    {"boolean", type_boolean},
    {"number", type_number | type_integer},
    {"integer", type_integer},
    {"string", type_string},
    {"array", type_array},
    {"object", type_object},
}};

// The base of what stands in `schema`, where `base` is the one outside of it.
std::string base_inside(JsonValue schema, const std::string& base) {
  const auto id = schema.member("$id");
  // Draft-07, section 8.3: what stands beside `$ref` is ignored.
  if (!id || !id->is(JsonKind::string) || schema.member("$ref")) {
    return base;
  }
  const std::string absolute = resolve_uri(base, id->text());
  const auto [resource, fragment] = split_fragment(absolute);
  return fragment.empty() ? std::string(resource) : base;
}

class Compiler {
 public:
  explicit Compiler(std::shared_ptr<SchemaDocuments> documents) {
    program_.documents = std::move(documents);
  }

  Result<Program> compile(std::string_view uri) {
    AUTOTAPE_TRY_ASSIGN(const SchemaDocuments::Target root, program_.documents->find(uri));
    program_.root = index_of(root.schema, root.base, root.location);
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
  };

  SchemaIndex index_of(JsonValue schema, const std::string& base, const std::string& location);
  SchemaIndex child(const Pending& parent, JsonValue schema,
                    std::initializer_list<std::string_view> path);
  Result<void> compile_node(const Pending& at);
  Result<void> compile_reference(const Pending& at, JsonValue reference);
  Result<void> compile_keyword(const Pending& at, std::string_view name, JsonValue value);
  Result<void> compile_numbers(const Pending& at, std::string_view name, JsonValue value);
  Result<void> compile_counts(const Pending& at, std::string_view name, JsonValue value);
  Result<void> compile_type(const Pending& at, JsonValue value);
  Result<void> compile_pattern(const Pending& at, JsonValue value);
  Result<void> compile_required(const Pending& at, JsonValue value);
  Result<void> compile_branches(const Pending& at, Keyword keyword, JsonValue value);
  Result<void> compile_dependencies(const Pending& at, JsonValue value);
  Result<void> compile_items(const Pending& at);
  Result<void> compile_members(const Pending& at);
  Result<void> compile_conditional(const Pending& at);
  void compile_content(const Pending& at);
  Result<std::uint32_t> add_pattern(const Pending& at, std::string_view keyword, JsonValue text);
  Result<std::vector<std::string_view>> names_in(const Pending& at, std::string_view keyword,
                                                 JsonValue value);
  Result<void> resolve_references();
  Result<void> refuse_endless_schemas() const;
  std::vector<SchemaIndex> in_place(SchemaIndex index) const;

  template <typename Rule>
  std::uint64_t add(std::vector<Rule>& table, Rule rule) {
    table.push_back(std::move(rule));
    return table.size() - 1;
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

SchemaIndex Compiler::index_of(JsonValue schema, const std::string& base,
                               const std::string& location) {
  const auto next = static_cast<SchemaIndex>(program_.schemas.size());
  const auto [known, is_new] = indexes_.emplace(schema.id(), next);
  if (is_new) {
    program_.schemas.emplace_back().location = location;
    waiting_.push_back({next, schema, base, location});
  }
  return known->second;
}

SchemaIndex Compiler::child(const Pending& parent, JsonValue schema,
                            std::initializer_list<std::string_view> path) {
  std::string location = parent.location;
  for (const std::string_view name : path) {
    append_pointer(location, name);
  }
  return index_of(schema, base_inside(schema, parent.base), location);
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
  compile_content(at);
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
  references_[at.index] = index_of(target->schema, target->base, target->location);
  return {};
}

Result<void> Compiler::compile_keyword(const Pending& at, std::string_view name, JsonValue value) {
  if (name == "type") {
    return compile_type(at, value);
  }
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
    return compile_dependencies(at, value);
  } else {
    AUTOTAPE_TRY(compile_numbers(at, name, value));
    return compile_counts(at, name, value);
  }
  return {};
}

Result<void> Compiler::compile_numbers(const Pending& at, std::string_view name, JsonValue value) {
  constexpr std::array<std::pair<std::string_view, Keyword>, 5> keywords = {{
      {"minimum", Keyword::minimum},
      {"exclusiveMinimum", Keyword::exclusive_minimum},
      {"maximum", Keyword::maximum},
      {"exclusiveMaximum", Keyword::exclusive_maximum},
      {"multipleOf", Keyword::multiple_of},
  }};
  for (const auto& [known, keyword] : keywords) {
    if (name != known) {
      continue;
    }
    if (!value.is(JsonKind::number)) {
      return wrong(at, name, "a number");
    }
    Limit limit{Decimal(value.text()), value.number(), std::string(value.text())};
    if (keyword == Keyword::multiple_of && !limit.exact.is_multiple_of(limit.exact)) {
      return wrong(at, name, "a number above 0 with at most 37 significant digits");
    }
    emit(keyword, add(program_.limits, std::move(limit)));
  }
  return {};
}

Result<void> Compiler::compile_counts(const Pending& at, std::string_view name, JsonValue value) {
  constexpr std::array<std::pair<std::string_view, Keyword>, 6> keywords = {{
      {"minLength", Keyword::min_length},
      {"maxLength", Keyword::max_length},
      {"minItems", Keyword::min_items},
      {"maxItems", Keyword::max_items},
      {"minProperties", Keyword::min_properties},
      {"maxProperties", Keyword::max_properties},
  }};
  for (const auto& [known, keyword] : keywords) {
    if (name != known) {
      continue;
    }
    if (!value.is(JsonKind::number) || value.number() < 0 || !Decimal(value.text()).is_integer()) {
      return wrong(at, name, "a whole number of at least 0");
    }
    // Nothing has more items, members or characters than this.
    constexpr double most = 1e15;
    emit(keyword, static_cast<std::uint64_t>(std::min(value.number(), most)));
  }
  return {};
}

Result<void> Compiler::compile_type(const Pending& at, JsonValue value) {
  std::uint64_t bits = 0;
  const auto add_type = [&](JsonValue name) {
    const auto* const known = std::find_if(
        type_names.begin(), type_names.end(),
        [&](const auto& entry) { return name.is(JsonKind::string) && entry.first == name.text(); });
    if (known == type_names.end()) {
      return false;
    }
    bits |= known->second;
    return true;
  };
  bool good = true;
  if (value.is(JsonKind::array)) {
    for (JsonValue name = value.first(); name != value.end(); name = name.next()) {
      good = good && add_type(name);
    }
  } else {
    good = add_type(value);
  }
  if (!good || bits == 0) {
    return wrong(at, "type", "one of JSON Schema's seven types, or an array of them");
  }
  emit(Keyword::type, bits);
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

Result<std::vector<std::string_view>> Compiler::names_in(const Pending& at,
                                                         std::string_view keyword,
                                                         JsonValue value) {
  std::vector<std::string_view> names;
  bool good = value.is(JsonKind::array);
  if (good) {
    for (JsonValue name = value.first(); name != value.end(); name = name.next()) {
      good = good && name.is(JsonKind::string);
      names.push_back(name.text());
    }
  }
  if (!good) {
    return wrong(at, keyword, "an array of names");
  }
  return names;
}

Result<void> Compiler::compile_required(const Pending& at, JsonValue value) {
  AUTOTAPE_TRY_ASSIGN(std::vector<std::string_view> names, names_in(at, "required", value));
  emit(Keyword::required, add(program_.names, std::move(names)));
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

Result<void> Compiler::compile_dependencies(const Pending& at, JsonValue value) {
  if (!value.is(JsonKind::object)) {
    return wrong(at, "dependencies", "an object");
  }
  std::vector<Dependency> rule;
  for (JsonValue name = value.first(); name != value.end(); name = name.next().next()) {
    Dependency& dependency = rule.emplace_back();
    dependency.name = name.text();
    if (is_schema(name.next())) {
      dependency.schema = child(at, name.next(), {"dependencies", name.text()});
    } else {
      AUTOTAPE_TRY_ASSIGN(dependency.required, names_in(at, "dependencies", name.next()));
    }
  }
  emit(Keyword::dependencies, add(program_.dependencies, std::move(rule)));
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

void Compiler::compile_content(const Pending& at) {
  const auto says = [&](std::string_view keyword, std::string_view text) {
    const auto value = at.schema.member(keyword);
    return value && value->is(JsonKind::string) && value->text() == text;
  };
  const std::uint64_t bits = (says("contentEncoding", "base64") ? content_base64 : 0U) |
                             (says("contentMediaType", "application/json") ? content_json : 0U);
  // Text in another encoding is not looked into.
  if (bits == content_json && at.schema.member("contentEncoding")) {
    return;
  }
  if (bits != 0) {
    emit(Keyword::content, bits);
  }
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

// The schemas that judge the same instance as this one.
std::vector<SchemaIndex> Compiler::in_place(SchemaIndex index) const {
  std::vector<SchemaIndex> inner;
  const SchemaNode& node = program_.schema(index);
  for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
    const auto& [keyword, operand] = program_.instructions[i];
    switch (keyword) {
      case Keyword::all_of:
      case Keyword::any_of:
      case Keyword::one_of: {
        const auto& branches = program_.branches[operand];
        inner.insert(inner.end(), branches.begin(), branches.end());
        break;
      }
      case Keyword::negation:
        inner.push_back(static_cast<SchemaIndex>(operand));
        break;
      case Keyword::dependencies:
        for (const Dependency& dependency : program_.dependencies[operand]) {
          if (dependency.schema) {
            inner.push_back(*dependency.schema);
          }
        }
        break;
      case Keyword::conditional: {
        const ConditionalRule& rule = program_.conditionals[operand];
        inner.push_back(rule.condition);
        for (const auto& branch : {rule.then_schema, rule.else_schema}) {
          if (branch) {
            inner.push_back(*branch);
          }
        }
        break;
      }
      default:
        break;
    }
  }
  return inner;
}

// Depth first over what judges the same instance: a way back to a schema that is still open has no
// end.
Result<void> Compiler::refuse_endless_schemas() const {
  enum class State : std::uint8_t { fresh, open, done };
  struct Visit {
    SchemaIndex index;
    std::vector<SchemaIndex> inner;
  };
  std::vector<State> states(program_.schemas.size(), State::fresh);
  const auto real = [&](SchemaIndex index) {
    return program_.schemas[index].same_as.value_or(index);
  };
  for (SchemaIndex start = 0; start < program_.schemas.size(); ++start) {
    if (states[real(start)] != State::fresh) {
      continue;
    }
    std::vector<Visit> path = {{real(start), in_place(start)}};
    states[real(start)] = State::open;
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.inner.empty()) {
        states[visit.index] = State::done;
        path.pop_back();
        continue;
      }
      const SchemaIndex next = real(visit.inner.back());
      visit.inner.pop_back();
      if (states[next] == State::open) {
        return file_error(printable(program_.schemas[next].location, 300),
                          "needs itself to judge the same instance, without end");
      }
      if (states[next] == State::fresh) {
        states[next] = State::open;
        path.push_back({next, in_place(next)});
      }
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(Keyword keyword) {
  constexpr std::array<std::string_view, 29> names = {"type",
                                                      "const",
                                                      "enum",
                                                      "minimum",
                                                      "exclusiveMinimum",
                                                      "maximum",
                                                      "exclusiveMaximum",
                                                      "multipleOf",
                                                      "minLength",
                                                      "maxLength",
                                                      "pattern",
                                                      "format",
                                                      "minItems",
                                                      "maxItems",
                                                      "uniqueItems",
                                                      "contains",
                                                      "items",
                                                      "minProperties",
                                                      "maxProperties",
                                                      "required",
                                                      "properties",
                                                      "propertyNames",
                                                      "dependencies",
                                                      "allOf",
                                                      "anyOf",
                                                      "oneOf",
                                                      "not",
                                                      "if"};
  return names[static_cast<std::size_t>(keyword)];
}

Result<Program> compile_schema(std::shared_ptr<SchemaDocuments> documents, std::string_view uri) {
  return Compiler(std::move(documents)).compile(uri);
}

}  // namespace autotape
