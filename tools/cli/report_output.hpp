// How the commands that judge show their reports.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "core/result.hpp"
#include "report/run_report.hpp"

namespace autotape {

struct ReportOptions {
  bool json = false;
  std::string junit;  // file; empty: none
};

void add_report_options(CLI::App& command, ReportOptions& options);

// Text or JSON on standard output, JUnit into its file.
Result<void> show_reports(const std::vector<RunReport>& reports, const ReportOptions& options);

// 4 if one failed, 7 if one is unknown.
ExitCode exit_code_of(const std::vector<RunReport>& reports);

}  // namespace autotape
