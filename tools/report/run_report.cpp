#include "report/run_report.hpp"

#include <algorithm>

namespace autotape {

Outcome RunReport::outcome() const {
  const auto any = [&](Outcome outcome) {
    return std::any_of(parties.begin(), parties.end(), [&](const PartyReport& party) {
      return party.verdict.outcome() == outcome;
    });
  };
  if (!consumer_faults.empty() || any(Outcome::failed)) {
    return Outcome::failed;
  }
  return interrupted || any(Outcome::unknown) ? Outcome::unknown : Outcome::passed;
}

}  // namespace autotape
