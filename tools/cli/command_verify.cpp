// autotape verify: the verdict of a run that was made before, from its folder alone.
#include <memory>

#include "cli/command.hpp"
#include "cli/report_output.hpp"
#include "cli/terminal.hpp"
#include "run/verify_run.hpp"

namespace autotape {
namespace {

struct VerifyOptions {
  std::vector<std::string> folders;
  ReportOptions report;
};

Result<ExitCode> judge_again(const VerifyOptions& options) {
  AUTOTAPE_TRY(check_report_files(options.report));
  std::vector<RunReport> reports;
  for (const std::string& folder : options.folders) {
    AUTOTAPE_TRY_ASSIGN(RunReport report, verify_run(folder));
    report.folder = folder;
    if (!options.report.json) {
      AUTOTAPE_TRY(print(report_text(report)));
    }
    reports.push_back(std::move(report));
  }
  AUTOTAPE_TRY(write_reports(reports, options.report));
  if (reports.size() > 1 && !options.report.json) {
    AUTOTAPE_TRY(print(summary_of(reports)));
  }
  return exit_code_of(reports);
}

ExitCode verify(const VerifyOptions& options) {
  const auto code = judge_again(options);
  return code ? *code : report_error(code.error());
}

}  // namespace

void add_verify_command(CLI::App& program, Action& chosen) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = add_command(program, "verify", "Judge a run again, from its folder alone",
                                  "autotape verify runs/commute");
  command.add_option("RUN", options->folders, "Folder that `autotape test --out` made")->required();
  add_report_options(command, options->report);
  run_when_chosen(command, chosen, [options] { return verify(*options); });
}

}  // namespace autotape
