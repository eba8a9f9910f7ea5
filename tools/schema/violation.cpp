#include "schema/violation.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/quantity.hpp"

namespace autotape {
namespace {

// The innermost place that holds both.
std::string_view common_parent(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto same = static_cast<std::size_t>(end - a.begin());
  const bool token_ends =
      (same == a.size() || a[same] == '/') && (same == b.size() || b[same] == '/');
  return a.substr(0, token_ends || same == 0 ? same : a.rfind('/', same - 1));
}

}  // namespace

std::string Violation::line() const {
  std::string text = fmt::format("{}: expected {}, found {}",
                                 instance.empty() ? "(root)" : instance, expected, found);
  if (nearest) {
    text += fmt::format(" (did you mean \"{}\"?)", *nearest);
  }
  return text;
}

void keep_violation(std::vector<Violation>& violations, Violation violation) {
  const auto same_rule = [&](const Violation& other) { return other.rule == violation.rule; };
  const auto last = std::find_if(violations.rbegin(), violations.rend(), same_rule);
  if (last != violations.rend() && last->unlisted > 0) {
    last->instance.resize(common_parent(last->instance, violation.instance).size());
    last->unlisted += violation.count();
    last->found = fmt::format("{} more, which are not listed", describe_count(last->unlisted));
    return;
  }
  const bool listed = violation.unlisted > 0 || violations.size() < most_violations ||
                      static_cast<std::size_t>(std::count_if(violations.begin(), violations.end(),
                                                             same_rule)) < most_violations;
  if (listed) {
    violations.push_back(std::move(violation));
    return;
  }
  Violation rest;
  rest.severity = violation.severity;
  rest.rule = violation.rule;
  rest.instance = std::move(violation.instance);
  rest.expected = fmt::format("at most {} violations of this rule", most_violations);
  rest.found = "1 more, which is not listed";
  rest.unlisted = violation.count();
  violations.push_back(std::move(rest));
}

}  // namespace autotape
