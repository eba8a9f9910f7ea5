// A run and its verdict in one call.
#pragma once

#include <string>

#include "core/result.hpp"
#include "report/run_report.hpp"
#include "run/test_broker.hpp"
#include "run/test_run.hpp"

namespace autotape {

// Makes the run, and writes its verdict beside its logs: verdict.json, report.txt, report.html.
Result<RunReport> judged_run(const TestRunSettings& settings, TestBroker& broker,
                             const std::string& folder, TestRunListener& listener);

}  // namespace autotape
