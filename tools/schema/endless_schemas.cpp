#include "schema/endless_schemas.hpp"

#include <cstdint>
#include <vector>

namespace autotape {
namespace {

// The schemas that judge the same instance as this one.
std::vector<SchemaIndex> in_place(const Program& program, SchemaIndex index) {
  std::vector<SchemaIndex> inner;
  const SchemaNode& node = program.schema(index);
  for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
    const auto& [keyword, operand] = program.instructions[i];
    switch (keyword) {
      case Keyword::all_of:
      case Keyword::any_of:
      case Keyword::one_of: {
        const auto& branches = program.branches[operand];
        inner.insert(inner.end(), branches.begin(), branches.end());
        break;
      }
      case Keyword::negation:
        inner.push_back(static_cast<SchemaIndex>(operand));
        break;
      case Keyword::dependencies:
      case Keyword::dependent_required:
        for (const Dependency& dependency : program.dependencies[operand]) {
          if (dependency.schema) {
            inner.push_back(*dependency.schema);
          }
        }
        break;
      case Keyword::conditional: {
        const ConditionalRule& rule = program.conditionals[operand];
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

}  // namespace

// Depth first over what judges the same instance: a way back to a schema that is still open has no
// end.
std::optional<SchemaIndex> find_endless_schema(const Program& program) {
  enum class State : std::uint8_t { fresh, open, done };
  struct Visit {
    SchemaIndex index;
    std::vector<SchemaIndex> inner;
  };
  std::vector<State> states(program.schemas.size(), State::fresh);
  const auto real = [&](SchemaIndex index) {
    return program.schemas[index].same_as.value_or(index);
  };
  for (SchemaIndex start = 0; start < program.schemas.size(); ++start) {
    if (states[real(start)] != State::fresh) {
      continue;
    }
    std::vector<Visit> path = {{real(start), in_place(program, start)}};
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
        return next;
      }
      if (states[next] == State::fresh) {
        states[next] = State::open;
        path.push_back({next, in_place(program, next)});
      }
    }
  }
  return std::nullopt;
}

}  // namespace autotape
