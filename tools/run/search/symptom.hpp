// What went wrong in a run, so that it is known again in another one.
#pragma once

#include <optional>
#include <string>

#include "report/run_report.hpp"
#include "verify/expectation.hpp"

namespace autotape {

// A failed check with the kind of its first finding, or a consumer that failed as a program.
struct Symptom {
  std::string check{};  // empty: `fault`
  FindingKind kind = FindingKind::lost;
  std::string fault{};  // how the consumer ended, without when: "exited with 1"

  // Whom to ask for more about it; empty where nothing is to blame.
  std::string message_id{};
  std::string reading{};  // as in Finding

  std::string text() const;  // "dedup: duplicated"
};

// The first one that the report has, a consumer's fault before checks; with `check`, of this check.
std::optional<Symptom> symptom_of(const RunReport& report, const std::string& check = {});

// Does the report show the same, whichever message it is about?
bool shows(const RunReport& report, const Symptom& symptom);

// A check that nothing exercised in one of many runs is no fault of the consumer.
void require_nothing(Expectation& expect);

}  // namespace autotape
