#include "run/missed_faults.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"
#include "json/document.hpp"
#include "scenario/timed_fault_json.hpp"
#include "verify/expectation_json.hpp"

namespace autotape {

std::vector<std::string> missed_faults(const Manifest& manifest) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < std::min(manifest.faults.size(), manifest.fates.size()); ++i) {
    if (!manifest.fates[i].struck) {
      const std::string fault = write_document(timed_fault_to_json(manifest.faults[i]));
      lines.push_back(fmt::format("fault {} did not strike, since {}: {}", i + 1,
                                  printable(manifest.fates[i].why_not, 100),
                                  printable(fault, 200)));
    }
  }
  return lines;
}

void allow_for_missed_faults(const Manifest& manifest, Verdict& verdict) {
  const bool all_struck = std::all_of(manifest.fates.begin(), manifest.fates.end(),
                                      [](const FaultFate& fate) { return fate.struck; });
  if (all_struck) {
    return;
  }
  const Json modes = expectation_to_json(manifest.expectation);
  for (CheckResult& check : verdict.checks) {
    if (check.outcome == Outcome::passed && modes.value(check.name, "") == "required") {
      check.outcome = Outcome::unknown;
      check.summary += ", but not every fault of the scenario struck";
    }
  }
}

}  // namespace autotape
