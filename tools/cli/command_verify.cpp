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

ExitCode verify(const VerifyOptions& options) {
  std::vector<RunReport> reports;
  for (const std::string& folder : options.folders) {
    auto report = verify_run(folder);
    if (!report) {
      return report_error(report.error());
    }
    report->folder = folder;
    reports.push_back(std::move(*report));
  }
  if (const auto shown = show_reports(reports, options.report); !shown) {
    return report_error(shown.error());
  }
  return exit_code_of(reports);
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
