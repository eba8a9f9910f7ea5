#include "schema/evaluator.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/text.hpp"

namespace autotape {
namespace {

constexpr std::uint64_t most_steps = 100'000'000;
constexpr std::uint32_t most_nesting = 4'000;

std::uint32_t type_bits(JsonValue value) {
  switch (value.kind()) {
    case JsonKind::null:
      return type_null;
    case JsonKind::boolean:
      return type_boolean;
    case JsonKind::number:
      return Decimal(value.text()).is_integer() ? type_number | type_integer : type_number;
    case JsonKind::string:
      return type_string;
    case JsonKind::array:
      return type_array;
    case JsonKind::object:
      return type_object;
  }
  return 0;
}

std::string describe_types(std::uint64_t bits) {
  constexpr std::array<std::pair<std::uint32_t, std::string_view>, 7> words = {{
      {type_number, "a number"},
      {type_integer, "an integer"},
      {type_string, "a string"},
      {type_boolean, "a boolean"},
      {type_object, "an object"},
      {type_array, "an array"},
      {type_null, "null"},
  }};
  std::string text;
  for (const auto& [bit, word] : words) {
    const bool covered = bit == type_integer && (bits & type_number) != 0;
    if ((bits & bit) != 0 && !covered) {
      (text += text.empty() ? "" : " or ") += word;
    }
  }
  return text;
}

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", printable(text));
}

std::string describe_choices(JsonValue choices) {
  constexpr std::size_t most_shown = 12;
  std::string text = choices.size() == 1 ? "" : "one of ";
  std::size_t shown = 0;
  for (JsonValue choice = choices.first(); choice != choices.end(); choice = choice.next()) {
    if (shown++ == most_shown) {
      return text + fmt::format(", … ({} in all)", choices.size());
    }
    (text += shown > 1 ? ", " : "") += describe_value(choice);
  }
  return text;
}

// Code points of UTF-8: all bytes that do not continue one.
std::uint64_t code_points(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// Equal values have equal hashes.
std::size_t hash_of(JsonValue value) {
  std::size_t hash = static_cast<std::size_t>(value.kind()) * 0x9E3779B97F4A7C15U;
  switch (value.kind()) {
    case JsonKind::boolean:
      return hash + (value.boolean() ? 1U : 0U);
    case JsonKind::number:
      return hash ^ std::hash<double>()(value.number());
    case JsonKind::string:
      return hash ^ std::hash<std::string_view>()(value.text());
    case JsonKind::array:
      for (JsonValue item = value.first(); item != value.end(); item = item.next()) {
        hash = hash * 31U + hash_of(item);
      }
      return hash;
    case JsonKind::object:  // without order
      for (JsonValue name = value.first(); name != value.end(); name = name.next().next()) {
        hash += (hash_of(name) * 31U) ^ hash_of(name.next());
      }
      return hash;
    case JsonKind::null:
      break;
  }
  return hash;
}

bool has_content(std::string_view text, std::uint64_t bits) {
  std::optional<std::string> decoded;
  if ((bits & content_base64) != 0) {
    decoded = decode_base64(text);
    if (!decoded) {
      return false;
    }
    text = *decoded;
  }
  return (bits & content_json) == 0 || JsonTree::parse(text, "").ok();
}

std::string describe_content(std::uint64_t bits) {
  const std::string_view what = (bits & content_json) != 0 ? "JSON" : "bytes";
  return fmt::format("{} as text{}", what, (bits & content_base64) != 0 ? " in base64" : "");
}

std::strong_ordering compare(JsonValue value, const Limit& limit) {
  if (value.number() < limit.rounded) {
    return std::strong_ordering::less;
  }
  if (value.number() > limit.rounded) {
    return std::strong_ordering::greater;
  }
  return Decimal(value.text()) <=> limit.exact;
}

}  // namespace

std::string describe_value(JsonValue value) {
  switch (value.kind()) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return value.boolean() ? "true" : "false";
    case JsonKind::number:
      return printable(value.text());
    case JsonKind::string:
      return quoted(value.text());
    case JsonKind::array:
      return fmt::format("an array of {}", value.size());
    case JsonKind::object:
      return fmt::format("an object of {}", value.size());
  }
  return {};
}

class Evaluator::Step {
 public:
  Step(Evaluator& evaluator, std::string_view name)
      : evaluator_(evaluator), length_(evaluator.pointer_.size()) {
    if (evaluator.collecting()) {
      append_pointer(evaluator.pointer_, name);
    }
  }
  Step(Evaluator& evaluator, std::size_t index)
      : evaluator_(evaluator), length_(evaluator.pointer_.size()) {
    if (evaluator.collecting()) {
      append_pointer(evaluator.pointer_, std::to_string(index));
    }
  }
  ~Step() { evaluator_.pointer_.resize(length_); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  Evaluator& evaluator_;
  std::size_t length_;
};

bool Evaluator::accepts(SchemaIndex schema, JsonValue instance) {
  out_ = nullptr;
  steps_ = 0;
  gave_up_ = false;
  return judge(schema, instance) && !gave_up_;
}

void Evaluator::collect(SchemaIndex schema, JsonValue instance, std::vector<Violation>& out) {
  out_ = &out;
  steps_ = 0;
  gave_up_ = false;
  pointer_.clear();
  judge(schema, instance);
  out_ = nullptr;
}

bool Evaluator::fail(const SchemaNode& node, std::string_view keyword, std::string expected,
                     std::string found) {
  if (collecting()) {
    Violation violation;
    violation.rule = "schema";
    violation.instance = pointer_;
    violation.expected = std::move(expected);
    violation.found = std::move(found);
    violation.keyword = keyword;
    violation.schema_location = node.location;
    if (!keyword.empty()) {
      append_pointer(violation.schema_location, keyword);
    }
    out_->push_back(std::move(violation));
  }
  return false;
}

bool Evaluator::fail(const SchemaNode& node, Keyword keyword, std::string expected,
                     JsonValue found) {
  return fail(node, name_of(keyword), std::move(expected), describe_value(found));
}

bool Evaluator::give_up(const SchemaNode& node) {
  if (!gave_up_) {
    gave_up_ = true;
    fail(node, "", "an instance that can be judged in bounded time and depth", "more");
  }
  return false;
}

bool Evaluator::judge(SchemaIndex schema, JsonValue instance) {
  const SchemaNode& node = program_.schema(schema);
  if (gave_up_ || ++steps_ > most_steps || nesting_ >= most_nesting) {
    return give_up(node);
  }
  ++nesting_;
  const bool accepted = judge_node(node, instance);
  --nesting_;
  return accepted;
}

bool Evaluator::judge_node(const SchemaNode& node, JsonValue instance) {
  if (node.never) {
    return fail(node, "", "nothing here", describe_value(instance));
  }
  bool accepted = true;
  for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
    accepted = judge_keyword(node, program_.instructions[i], instance) && accepted;
    if (!accepted && !collecting()) {
      return false;
    }
  }
  return accepted;
}

bool Evaluator::judge_keyword(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const std::uint64_t operand = instruction.operand;
  switch (instruction.keyword) {
    case Keyword::type:
      return judge_type(node, operand, instance);
    case Keyword::constant:
      return judge_constant(node, program_.constants[operand], instance);
    case Keyword::enumeration:
      return judge_enumeration(node, program_.constants[operand], instance);
    case Keyword::all_of:
      return judge_all(program_.branches[operand], instance);
    case Keyword::any_of:
      return judge_any(node, program_.branches[operand], instance);
    case Keyword::one_of:
      return judge_one(node, program_.branches[operand], instance);
    case Keyword::negation:
      return !would_accept(static_cast<SchemaIndex>(operand), instance) ||
             fail(node, Keyword::negation, "anything that `not` does not describe", instance);
    case Keyword::conditional:
      return judge_conditional(program_.conditionals[operand], instance);
    default:
      break;
  }
  switch (instance.kind()) {
    case JsonKind::number:
      return judge_number(node, instruction, instance);
    case JsonKind::string:
      return judge_string(node, instruction, instance);
    case JsonKind::array:
      return judge_array(node, instruction, instance);
    case JsonKind::object:
      return judge_object(node, instruction, instance);
    default:
      return true;
  }
}

bool Evaluator::judge_type(const SchemaNode& node, std::uint64_t bits, JsonValue instance) {
  return (type_bits(instance) & bits) != 0 ||
         fail(node, Keyword::type, describe_types(bits), instance);
}

bool Evaluator::judge_constant(const SchemaNode& node, JsonValue expected, JsonValue instance) {
  return json_equal(expected, instance) ||
         fail(node, Keyword::constant, describe_value(expected), instance);
}

bool Evaluator::judge_enumeration(const SchemaNode& node, JsonValue choices, JsonValue instance) {
  std::vector<std::string_view> names;
  for (JsonValue choice = choices.first(); choice != choices.end(); choice = choice.next()) {
    if (json_equal(choice, instance)) {
      return true;
    }
    if (collecting() && choice.is(JsonKind::string)) {
      names.push_back(choice.text());
    }
  }
  fail(node, Keyword::enumeration, describe_choices(choices), instance);
  if (collecting() && instance.is(JsonKind::string)) {
    if (const auto nearest = nearest_name(instance.text(), names)) {
      out_->back().nearest = std::string(*nearest);
    }
  }
  return false;
}

bool Evaluator::judge_number(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const auto against = [&](std::string_view words, auto holds) {
    const Limit& limit = program_.limits[instruction.operand];
    return holds(compare(instance, limit)) ||
           fail(node, instruction.keyword, fmt::format("{} {}", words, limit.literal), instance);
  };
  switch (instruction.keyword) {
    case Keyword::minimum:
      return against("at least", [](auto order) { return order >= 0; });
    case Keyword::exclusive_minimum:
      return against("more than", [](auto order) { return order > 0; });
    case Keyword::maximum:
      return against("at most", [](auto order) { return order <= 0; });
    case Keyword::exclusive_maximum:
      return against("less than", [](auto order) { return order < 0; });
    case Keyword::multiple_of: {
      const Limit& limit = program_.limits[instruction.operand];
      return Decimal(instance.text()).is_multiple_of(limit.exact) ||
             fail(node, instruction.keyword, fmt::format("a multiple of {}", limit.literal),
                  instance);
    }
    default:
      return true;
  }
}

bool Evaluator::judge_string(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const std::uint64_t operand = instruction.operand;
  switch (instruction.keyword) {
    case Keyword::min_length:
      return code_points(instance.text()) >= operand ||
             fail(node, instruction.keyword, fmt::format("at least {} characters", operand),
                  instance);
    case Keyword::max_length:
      return code_points(instance.text()) <= operand ||
             fail(node, instruction.keyword, fmt::format("at most {} characters", operand),
                  instance);
    case Keyword::pattern: {
      const NamedPattern& named = program_.patterns[operand];
      return named.pattern.found_in(instance.text()) ||
             fail(node, instruction.keyword,
                  fmt::format("text with the pattern \"{}\"", printable(named.text)), instance);
    }
    case Keyword::format: {
      const FormatRule& rule = program_.formats[operand];
      return rule.check(instance.text()) ||
             fail(node, instruction.keyword, fmt::format("text of format {}", rule.name), instance);
    }
    case Keyword::content:
      return has_content(instance.text(), operand) ||
             fail(node, instruction.keyword, describe_content(operand), instance);
    default:
      return true;
  }
}

bool Evaluator::judge_array(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const std::uint64_t operand = instruction.operand;
  switch (instruction.keyword) {
    case Keyword::min_items:
      return instance.size() >= operand ||
             fail(node, instruction.keyword, fmt::format("at least {} items", operand), instance);
    case Keyword::max_items:
      return instance.size() <= operand ||
             fail(node, instruction.keyword, fmt::format("at most {} items", operand), instance);
    case Keyword::unique_items:
      return judge_unique(node, instance);
    case Keyword::contains:
      return judge_contains(node, static_cast<SchemaIndex>(operand), instance);
    case Keyword::items:
      return judge_items(program_.items[operand], instance);
    default:
      return true;
  }
}

bool Evaluator::judge_object(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const std::uint64_t operand = instruction.operand;
  switch (instruction.keyword) {
    case Keyword::min_properties:
      return instance.size() >= operand ||
             fail(node, instruction.keyword, fmt::format("at least {} members", operand), instance);
    case Keyword::max_properties:
      return instance.size() <= operand ||
             fail(node, instruction.keyword, fmt::format("at most {} members", operand), instance);
    case Keyword::required:
      return judge_required(node, program_.names[operand], instance, Keyword::required);
    case Keyword::members:
      return judge_members(node, program_.members[operand], instance);
    case Keyword::property_names: {
      bool accepted = true;
      for (JsonValue name = instance.first(); name != instance.end(); name = name.next().next()) {
        const Step step(*this, name.text());
        accepted = judge(static_cast<SchemaIndex>(operand), name) && accepted;
        if (!accepted && !collecting()) {
          break;
        }
      }
      return accepted;
    }
    case Keyword::dependencies:
      return judge_dependencies(node, program_.dependencies[operand], instance);
    default:
      return true;
  }
}

bool Evaluator::judge_items(const ItemsRule& rule, JsonValue instance) {
  bool accepted = true;
  std::size_t index = 0;
  for (JsonValue item = instance.first(); item != instance.end(); item = item.next(), ++index) {
    const auto schema =
        index < rule.places.size() ? std::optional(rule.places[index]) : rule.others;
    if (!schema) {
      break;
    }
    const Step step(*this, index);
    accepted = judge(*schema, item) && accepted;
    if (!accepted && !collecting()) {
      break;
    }
  }
  return accepted;
}

bool Evaluator::judge_contains(const SchemaNode& node, SchemaIndex wanted, JsonValue instance) {
  for (JsonValue item = instance.first(); item != instance.end(); item = item.next()) {
    if (would_accept(wanted, item)) {
      return true;
    }
  }
  return fail(node, Keyword::contains, "an array with an item as `contains` describes it",
              instance);
}

bool Evaluator::judge_unique(const SchemaNode& node, JsonValue instance) {
  std::unordered_multimap<std::size_t, JsonValue> seen;
  for (JsonValue item = instance.first(); item != instance.end(); item = item.next()) {
    const std::size_t hash = hash_of(item);
    const auto [first, last] = seen.equal_range(hash);
    if (std::any_of(first, last, [&](const auto& e) { return json_equal(e.second, item); })) {
      return fail(node, name_of(Keyword::unique_items), "items that are all different",
                  fmt::format("{} twice", describe_value(item)));
    }
    seen.emplace(hash, item);
  }
  return true;
}

bool Evaluator::judge_required(const SchemaNode& node, const std::vector<std::string_view>& names,
                               JsonValue instance, Keyword keyword) {
  bool accepted = true;
  for (const std::string_view name : names) {
    if (!instance.member(name)) {
      accepted = fail(node, name_of(keyword), fmt::format("a member {}", quoted(name)), "none");
      if (!collecting()) {
        break;
      }
    }
  }
  return accepted;
}

bool Evaluator::judge_unknown_member(const SchemaNode& node, const MembersRule& rule,
                                     JsonValue name) {
  if (!rule.others) {
    return true;
  }
  if (!program_.schema(*rule.others).never) {
    return judge(*rule.others, name.next());
  }
  fail(node, "additionalProperties",
       rule.names.empty() ? "no member of this name" : "a member that the schema names",
       quoted(name.text()));
  if (collecting()) {
    if (const auto nearest = nearest_name(name.text(), rule.names)) {
      out_->back().nearest = std::string(*nearest);
    }
  }
  return false;
}

bool Evaluator::judge_members(const SchemaNode& node, const MembersRule& rule, JsonValue instance) {
  bool accepted = true;
  for (JsonValue name = instance.first(); name != instance.end(); name = name.next().next()) {
    const Step step(*this, name.text());
    bool known = false;
    if (const auto named = rule.named.find(name.text()); named != rule.named.end()) {
      known = true;
      accepted = judge(named->second, name.next()) && accepted;
    }
    for (const auto& [pattern, schema] : rule.by_pattern) {
      if (program_.patterns[pattern].pattern.found_in(name.text())) {
        known = true;
        accepted = judge(schema, name.next()) && accepted;
      }
    }
    accepted = (known || judge_unknown_member(node, rule, name)) && accepted;
    if (!accepted && !collecting()) {
      break;
    }
  }
  return accepted;
}

bool Evaluator::judge_dependencies(const SchemaNode& node, const std::vector<Dependency>& rule,
                                   JsonValue instance) {
  bool accepted = true;
  for (const Dependency& dependency : rule) {
    if (!instance.member(dependency.name)) {
      continue;
    }
    accepted = judge_required(node, dependency.required, instance, Keyword::dependencies) &&
               (!dependency.schema || judge(*dependency.schema, instance)) && accepted;
    if (!accepted && !collecting()) {
      break;
    }
  }
  return accepted;
}

bool Evaluator::would_accept(SchemaIndex schema, JsonValue instance) {
  std::vector<Violation>* const out = std::exchange(out_, nullptr);
  const bool accepted = judge(schema, instance);
  out_ = out;
  return accepted;
}

bool Evaluator::judge_all(const std::vector<SchemaIndex>& branches, JsonValue instance) {
  bool accepted = true;
  for (const SchemaIndex branch : branches) {
    accepted = judge(branch, instance) && accepted;
    if (!accepted && !collecting()) {
      break;
    }
  }
  return accepted;
}

// Of several alternatives that all fail, the one whose violations lie deepest is most likely the
// one that was meant; they say more than that none holds. False if all fail at the instance itself.
bool Evaluator::report_closest(const std::vector<SchemaIndex>& branches, JsonValue instance) {
  if (!collecting()) {
    return false;
  }
  const auto depth = [](std::string_view pointer) {
    return std::count(pointer.begin(), pointer.end(), '/');
  };
  std::vector<Violation>* const out = out_;
  std::vector<Violation> closest;
  auto closest_depth = depth(pointer_);
  for (const SchemaIndex branch : branches) {
    std::vector<Violation> violations;
    out_ = &violations;
    judge(branch, instance);
    const auto shallowest = std::min_element(violations.begin(), violations.end(),
                                             [&](const Violation& a, const Violation& b) {
                                               return depth(a.instance) < depth(b.instance);
                                             });
    if (shallowest != violations.end() && depth(shallowest->instance) > closest_depth) {
      closest_depth = depth(shallowest->instance);
      closest = std::move(violations);
    }
  }
  out_ = out;
  out_->insert(out_->end(), std::make_move_iterator(closest.begin()),
               std::make_move_iterator(closest.end()));
  return !closest.empty();
}

bool Evaluator::judge_any(const SchemaNode& node, const std::vector<SchemaIndex>& branches,
                          JsonValue instance) {
  for (const SchemaIndex branch : branches) {
    if (would_accept(branch, instance)) {
      return true;
    }
  }
  if (!report_closest(branches, instance)) {
    fail(node, Keyword::any_of,
         fmt::format("at least one of {} alternatives to hold", branches.size()), instance);
  }
  return false;
}

bool Evaluator::judge_one(const SchemaNode& node, const std::vector<SchemaIndex>& branches,
                          JsonValue instance) {
  std::size_t holding = 0;
  for (const SchemaIndex branch : branches) {
    holding += would_accept(branch, instance) ? 1U : 0U;
    if (holding > 1) {
      return fail(node, name_of(Keyword::one_of),
                  fmt::format("exactly one of {} alternatives to hold", branches.size()),
                  "several");
    }
  }
  if (holding == 0 && !report_closest(branches, instance)) {
    fail(node, Keyword::one_of,
         fmt::format("exactly one of {} alternatives to hold", branches.size()), instance);
  }
  return holding == 1;
}

bool Evaluator::judge_conditional(const ConditionalRule& rule, JsonValue instance) {
  const auto branch = would_accept(rule.condition, instance) ? rule.then_schema : rule.else_schema;
  return !branch || judge(*branch, instance);
}

}  // namespace autotape
