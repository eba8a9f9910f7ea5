#include "cli/report_output.hpp"

#include "cli/terminal.hpp"
#include "core/file.hpp"

namespace autotape {

void add_report_options(CLI::App& command, ReportOptions& options) {
  command.add_flag("--json", options.json, "Print the report as JSON");
  command.add_option("--junit", options.junit, "Also write the report as JUnit XML")
      ->type_name("FILE");
}

Result<void> show_reports(const std::vector<RunReport>& reports, const ReportOptions& options) {
  if (!options.junit.empty()) {
    AUTOTAPE_TRY(write_file(options.junit, report_junit(reports)));
  }
  if (options.json) {
    Json json = Json::array();
    for (const RunReport& report : reports) {
      json.push_back(report_json(report));
    }
    return print(write_document_indented(json.size() == 1 ? json[0] : json) + "\n");
  }
  for (const RunReport& report : reports) {
    AUTOTAPE_TRY(print(report_text(report)));
  }
  return {};
}

ExitCode exit_code_of(const std::vector<RunReport>& reports) {
  ExitCode code = ExitCode::passed;
  for (const RunReport& report : reports) {
    const Outcome outcome = report.outcome();
    code = graver(code, outcome == Outcome::failed    ? ExitCode::check_failed
                        : outcome == Outcome::unknown ? ExitCode::inconclusive
                                                      : ExitCode::passed);
  }
  return code;
}

}  // namespace autotape
