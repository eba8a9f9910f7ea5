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
    const FaultFate& fate = manifest.fates[i];
    if (fate.struck && fate.lifted.empty()) {
      continue;
    }
    const std::string became =
        fate.struck
            ? fmt::format("was still on when {}, and was lifted then", printable(fate.lifted, 100))
            : "did not strike, since " + printable(fate.why_not, 100);
    const std::string fault = write_document(timed_fault_to_json(manifest.faults[i]));
    lines.push_back(fmt::format("fault {} {}: {}", i + 1, became, printable(fault, 200)));
  }
  return lines;
}

void doubt_required_checks(const Expectation& expectation, std::string_view why, Verdict& verdict) {
  const Json modes = expectation_to_json(expectation);
  for (CheckResult& check : verdict.checks) {
    if (check.outcome == Outcome::passed && modes.value(check.name, "") == "required") {
      check.outcome = Outcome::unknown;
      check.summary += fmt::format(", but {}", why);
    }
  }
}

void allow_for_missed_faults(const Manifest& manifest, Verdict& verdict) {
  bool all_struck = true;
  for (std::size_t i = 0; i < std::min(manifest.faults.size(), manifest.fates.size()); ++i) {
    const bool is_resume = manifest.faults[i].what.value("fault", "") == "resume";
    all_struck = all_struck && (manifest.fates[i].struck || is_resume);
  }
  if (!all_struck) {
    doubt_required_checks(manifest.expectation, "not every fault of the scenario struck", verdict);
  }
}

}  // namespace autotape
