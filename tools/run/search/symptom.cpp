#include "run/search/symptom.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace autotape {
namespace {

// "exited with 1 while the stream was played": when it happens is another matter in a shorter run.
std::string without_moment(const std::string& fault) {
  constexpr std::array<std::string_view, 5> moments{" while ", " before ", " after ", " for ",
                                                    " within "};
  std::size_t end = fault.size();
  for (const std::string_view moment : moments) {
    end = std::min(end, fault.find(moment));
  }
  return fault.substr(0, end);
}

const CheckResult* failed_check(const PartyReport& party, const std::string& name) {
  const auto& checks = party.verdict.checks;
  const auto found = std::find_if(checks.begin(), checks.end(), [&](const CheckResult& check) {
    return check.outcome == Outcome::failed && (name.empty() || check.name == name);
  });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace

std::string Symptom::text() const {
  return check.empty() ? "the consumer " + fault : fmt::format("{}: {}", check, name_of(kind));
}

std::optional<Symptom> symptom_of(const RunReport& report, const std::string& check) {
  Symptom symptom;
  if (check.empty() && !report.consumer_faults.empty()) {
    symptom.fault = without_moment(report.consumer_faults.front().fault);
    return symptom;
  }
  for (const PartyReport& party : report.parties) {
    if (const CheckResult* const failed = failed_check(party, check)) {
      symptom.check = failed->name;
      if (!failed->findings.empty()) {
        const Finding& finding = failed->findings.front();
        symptom.kind = finding.kind;
        symptom.message_id = finding.message_id;
        symptom.reading = finding.reading;
      }
      return symptom;
    }
  }
  return std::nullopt;
}

bool shows(const RunReport& report, const Symptom& symptom) {
  if (symptom.check.empty()) {
    return std::any_of(
        report.consumer_faults.begin(), report.consumer_faults.end(),
        [&](const ConsumerFault& fault) { return without_moment(fault.fault) == symptom.fault; });
  }
  return std::any_of(report.parties.begin(), report.parties.end(), [&](const PartyReport& party) {
    const CheckResult* const failed = failed_check(party, symptom.check);
    return failed != nullptr &&
           std::any_of(failed->findings.begin(), failed->findings.end(),
                       [&](const Finding& finding) { return finding.kind == symptom.kind; });
  });
}

void require_nothing(Expectation& expect) {
  for (CheckMode* const mode : {&expect.completeness, &expect.dedup, &expect.order, &expect.state,
                                &expect.metamorphic, &expect.latency}) {
    *mode = *mode == CheckMode::required ? CheckMode::by_default : *mode;
  }
}

}  // namespace autotape
