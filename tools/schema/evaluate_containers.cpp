// What keywords ask of arrays and objects, and of what they hold.
#include <algorithm>
#include <functional>
#include <unordered_map>

#include <fmt/format.h>

#include "core/text.hpp"
#include "json/decimal.hpp"
#include "schema/evaluator.hpp"
#include "schema/value_description.hpp"

namespace autotape {
namespace {

// Equal values have equal hashes.
std::size_t hash_of(JsonValue value) {
  std::size_t hash = static_cast<std::size_t>(value.kind()) * 0x9E3779B97F4A7C15U;
  switch (value.kind()) {
    case JsonKind::boolean:
      return hash + (value.boolean() ? 1U : 0U);
    case JsonKind::number:
      return hash ^ Decimal(value.text()).hash();  // many numbers are one double
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

}  // namespace

// A step down to a member or an item, while it is judged.
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
    const auto is_item = [&](const auto& entry) {
      gave_up_ = gave_up_ || ++steps_ > most_steps;
      return !gave_up_ && json_equal(entry.second, item);
    };
    if (std::any_of(first, last, is_item)) {
      return fail(node, name_of(Keyword::unique_items), "items that are all different",
                  fmt::format("{} twice", describe_value(item)));
    }
    seen.emplace(hash, item);
  }
  return true;
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
    case Keyword::dependent_required:
      return judge_dependencies(node, instruction.keyword, program_.dependencies[operand],
                                instance);
    default:
      return true;
  }
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

bool Evaluator::judge_unknown_member(const SchemaNode& node, const MembersRule& rule,
                                     JsonValue name) {
  if (!rule.others) {
    return true;
  }
  if (!program_.schema(*rule.others).never) {
    return judge(*rule.others, name.next());
  }
  return fail(node, "additionalProperties",
              rule.names.empty() ? "no member of this name" : "a member that the schema names",
              quoted(name.text()),
              collecting() ? nearest_name(name.text(), rule.names) : std::nullopt);
}

bool Evaluator::judge_dependencies(const SchemaNode& node, Keyword keyword,
                                   const std::vector<Dependency>& rule, JsonValue instance) {
  bool accepted = true;
  for (const Dependency& dependency : rule) {
    if (!instance.member(dependency.name)) {
      continue;
    }
    accepted = judge_required(node, dependency.required, instance, keyword) &&
               (!dependency.schema || judge(*dependency.schema, instance)) && accepted;
    if (!accepted && !collecting()) {
      break;
    }
  }
  return accepted;
}

}  // namespace autotape
