// Faults of a scenario that did not strike: the run did not put to the test what it was made for.
#pragma once

#include <string>
#include <vector>

#include "run/manifest.hpp"
#include "verify/verdict.hpp"

namespace autotape {

// A line for each.
std::vector<std::string> missed_faults(const Manifest& manifest);

// Where one was missed, a check that passed and that was required is unknown: the fault might have
// made it fail.
void allow_for_missed_faults(const Manifest& manifest, Verdict& verdict);

}  // namespace autotape
