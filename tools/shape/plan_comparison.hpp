// What two delivery plans have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace autotape {

// Deliveries and drops are the same ones if they are of the same message, pass and copy.
struct PlanComparison {
  std::vector<std::string> header;  // "seed: 1, 2"; stages, tape, …
  std::uint64_t same = 0;           // deliveries and drops alike
  std::uint64_t moved = 0;          // of the same deliveries: another due time, or another order
  std::uint64_t altered = 0;        // other actions or other content; dropped by one plan only
  std::uint64_t only_in_first = 0;
  std::uint64_t only_in_second = 0;

  // Lines of the plans, without their line feeds; empty where a plan has no line for it.
  struct Difference {
    std::string first;
    std::string second;
  };
  std::vector<Difference> examples;  // the first few

  // The indexes of deliveries alone may differ then.
  bool same_plan() const {
    return header.empty() && moved + altered + only_in_first + only_in_second == 0;
  }
};

// Reads both files once, side by side, and keeps the lines for which the other plan has no partner
// yet. Opens no tape.
Result<PlanComparison> compare_plan_files(const std::string& first, const std::string& second);

}  // namespace autotape
