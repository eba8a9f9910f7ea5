// Holds an instance against a program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json/tree.hpp"
#include "schema/program.hpp"
#include "schema/violation.hpp"

namespace autotape {

// One judgement of one instance. Recursion is bounded by the depth of the instance and of the
// schema, and by most_nesting; work by most_steps.
class Evaluator {
 public:
  explicit Evaluator(const Program& program) : program_(program) {}

  // Stops at the first violation.
  bool accepts(SchemaIndex schema, JsonValue instance);

  // Appends every violation to `out`.
  void collect(SchemaIndex schema, JsonValue instance, std::vector<Violation>& out);

 private:
  static constexpr std::uint64_t most_steps = 100'000'000;

  bool judge(SchemaIndex schema, JsonValue instance);
  bool judge_node(const SchemaNode& node, JsonValue instance);
  bool judge_keyword(const SchemaNode& node, Instruction instruction, JsonValue instance);
  bool judge_number(const SchemaNode& node, Instruction instruction, JsonValue instance);
  bool judge_string(const SchemaNode& node, Instruction instruction, JsonValue instance);
  bool judge_array(const SchemaNode& node, Instruction instruction, JsonValue instance);
  bool judge_object(const SchemaNode& node, Instruction instruction, JsonValue instance);
  bool judge_content(const SchemaNode& node, std::uint64_t bits, JsonValue instance);
  bool judge_type(const SchemaNode& node, std::uint64_t bits, JsonValue instance);
  bool judge_constant(const SchemaNode& node, JsonValue expected, JsonValue instance);
  bool judge_enumeration(const SchemaNode& node, JsonValue choices, JsonValue instance);
  bool judge_items(const ItemsRule& rule, JsonValue instance);
  bool judge_contains(const SchemaNode& node, SchemaIndex wanted, JsonValue instance);
  bool judge_unique(const SchemaNode& node, JsonValue instance);
  bool judge_required(const SchemaNode& node, const std::vector<std::string_view>& names,
                      JsonValue instance, Keyword keyword);
  bool judge_members(const SchemaNode& node, const MembersRule& rule, JsonValue instance);
  bool judge_unknown_member(const SchemaNode& node, const MembersRule& rule, JsonValue name);
  bool judge_dependencies(const SchemaNode& node, Keyword keyword,
                          const std::vector<Dependency>& rule, JsonValue instance);
  bool judge_all(const std::vector<SchemaIndex>& branches, JsonValue instance);
  bool judge_any(const SchemaNode& node, const std::vector<SchemaIndex>& branches,
                 JsonValue instance);
  bool judge_one(const SchemaNode& node, const std::vector<SchemaIndex>& branches,
                 JsonValue instance);
  bool judge_conditional(const ConditionalRule& rule, JsonValue instance);

  // Judges without reporting, for what may fail.
  bool would_accept(SchemaIndex schema, JsonValue instance);
  bool report_closest(const std::vector<SchemaIndex>& branches, JsonValue instance);
  bool fail(const SchemaNode& node, std::string_view keyword, std::string expected,
            std::string found, std::optional<std::string_view> nearest = std::nullopt);
  bool fail(const SchemaNode& node, Keyword keyword, std::string expected, JsonValue found);
  bool collecting() const { return out_ != nullptr; }

  class Step;  // down to a member or an item

  const Program& program_;
  std::vector<Violation>* out_ = nullptr;
  std::string pointer_;  // of the instance; kept while collecting
  std::uint64_t steps_ = 0;
  std::uint32_t nesting_ = 0;
  bool gave_up_ = false;
};

}  // namespace autotape
