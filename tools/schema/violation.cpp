#include "schema/violation.hpp"

#include <utility>

#include <fmt/format.h>

namespace autotape {

std::string Violation::line() const {
  std::string text = fmt::format("{}: expected {}, found {}",
                                 instance.empty() ? "(root)" : instance, expected, found);
  if (nearest) {
    text += fmt::format(" (did you mean \"{}\"?)", *nearest);
  }
  return text;
}

void keep_violation(std::vector<Violation>& violations, Violation violation) {
  if (violations.size() < most_violations) {
    violations.push_back(std::move(violation));
    return;
  }
  const bool is_first_left_out = violations.size() == most_violations;
  if (is_first_left_out) {
    violations.emplace_back();
  }
  Violation& rest = violations.back();
  if (is_first_left_out || violation.severity < rest.severity) {
    rest.severity = violation.severity;
    rest.rule = violation.rule;
    rest.expected = fmt::format("at most {} violations", most_violations);
    rest.found = "more, which are not listed";
  }
}

}  // namespace autotape
