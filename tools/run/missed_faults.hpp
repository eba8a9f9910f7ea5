// Faults of a scenario that did not strike, or not as the scenario says: the run may not have put
// to the test what it was made for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "run/manifest.hpp"
#include "verify/verdict.hpp"

namespace autotape {

// A line for each that did not strike, and for each that was taken back at the end.
std::vector<std::string> missed_faults(const Manifest& manifest);

// Where one was missed, a check that passed and that was required is unknown: the fault might have
// made it fail. `resume` makes none fail.
void allow_for_missed_faults(const Manifest& manifest, Verdict& verdict);

// A check that passed and that was required is unknown.
void doubt_required_checks(const Expectation& expectation, std::string_view why, Verdict& verdict);

}  // namespace autotape
