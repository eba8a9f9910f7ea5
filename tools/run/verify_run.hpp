// The verdict of a run, from its folder alone.
#pragma once

#include <string>

#include "core/result.hpp"
#include "report/run_report.hpp"

namespace autotape {

// Reads each log of `folder` once for each party, and the first findings' messages once more for
// their counterexamples. Pure: the same folder gives the same report.
Result<RunReport> verify_run(const std::string& folder);

}  // namespace autotape
