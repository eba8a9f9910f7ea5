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
  std::string html;   // the same
};

void add_report_options(CLI::App& command, ReportOptions& options);

// Can the files be written? To be asked before an hour of runs, not after it.
Result<void> check_report_files(const ReportOptions& options);

// JUnit and HTML into their files, and JSON on standard output, where they are asked for.
Result<void> write_reports(const std::vector<RunReport>& reports, const ReportOptions& options);

// "31 runs: 29 passed; 2 failed (flood, late-odometer)" and a line feed.
std::string summary_of(const std::vector<RunReport>& reports);

// 4 if one failed, 7 if one is unknown, 3 if one was interrupted or its tape is damaged.
ExitCode exit_code_of(const std::vector<RunReport>& reports);

}  // namespace autotape
