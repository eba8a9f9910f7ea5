// Joins a run's logs on the message or reading that broke a check: how did it come about?
#pragma once

#include <vector>

#include "core/result.hpp"
#include "report/run_report.hpp"
#include "run/manifest.hpp"

namespace autotape {

// Fills in the ids of findings that only know an id's fingerprint, and a counterexample for the
// first finding of each failed check. `consumers` are the party: what others got and observed is
// left out.
Result<void> explain(const RunFiles& files, const Manifest& manifest,
                     const std::vector<const ConsumerConduct*>& consumers, PartyReport& party);

}  // namespace autotape
