#include "run/judged_run.hpp"

#include "core/file.hpp"
#include "run/manifest.hpp"
#include "run/verify_run.hpp"

namespace autotape {

Result<RunReport> judged_run(const TestRunSettings& settings, TestBroker& broker,
                             const std::string& folder, TestRunListener& listener) {
  AUTOTAPE_TRY(run_test(settings, broker, folder, listener));
  AUTOTAPE_TRY_ASSIGN(RunReport report, verify_run(folder));
  const RunFiles files(folder);
  AUTOTAPE_TRY(write_file(files.verdict, write_document_indented(report_json(report)) + "\n"));
  AUTOTAPE_TRY(write_file(files.report, report_text(report)));
  AUTOTAPE_TRY(write_file(files.page, report_html({report})));
  return report;
}

}  // namespace autotape
