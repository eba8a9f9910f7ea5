#include "schema/evaluator.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "schema/value_description.hpp"

namespace autotape {
namespace {

constexpr std::uint32_t most_nesting = 4'000;

}  // namespace

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
  const auto before = static_cast<std::ptrdiff_t>(out.size());
  judge(schema, instance);
  if (gave_up_) {  // whatever was found on the way is half a truth
    out.erase(out.begin() + before, out.end());
    fail(program_.schema(schema), "", "an instance that can be judged in bounded time and depth",
         "more");
  }
  out_ = nullptr;
}

bool Evaluator::fail(const SchemaNode& node, std::string_view keyword, std::string expected,
                     std::string found, std::optional<std::string_view> nearest) {
  if (collecting()) {
    Violation violation;
    violation.rule = "schema";
    violation.instance = pointer_;
    violation.expected = std::move(expected);
    violation.found = std::move(found);
    violation.nearest = nearest;
    violation.keyword = keyword;
    violation.schema_location = node.location;
    if (!keyword.empty()) {
      append_pointer(violation.schema_location, keyword);
    }
    keep_violation(*out_, std::move(violation));
  }
  return false;
}

bool Evaluator::fail(const SchemaNode& node, Keyword keyword, std::string expected,
                     JsonValue found) {
  return fail(node, name_of(keyword), std::move(expected), describe_value(found));
}

bool Evaluator::judge(SchemaIndex schema, JsonValue instance) {
  const SchemaNode& node = program_.schema(schema);
  gave_up_ = gave_up_ || ++steps_ > most_steps || nesting_ >= most_nesting;
  if (gave_up_) {
    return false;
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
    auto last = violations.end();
    if (!violations.empty() && violations.back().unlisted > 0) {
      --last;  // its place holds many
    }
    const auto shallowest =
        std::min_element(violations.begin(), last, [&](const Violation& a, const Violation& b) {
          return depth(a.instance) < depth(b.instance);
        });
    if (shallowest != last && depth(shallowest->instance) > closest_depth) {
      closest_depth = depth(shallowest->instance);
      closest = std::move(violations);
    }
  }
  out_ = out;
  for (Violation& violation : closest) {
    keep_violation(*out_, std::move(violation));
  }
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
