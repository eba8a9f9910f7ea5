#include "cli/report_output.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/terminal.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace autotape {

void add_report_options(CLI::App& command, ReportOptions& options) {
  command.add_flag("--json", options.json, "Print the report as JSON");
  command.add_option("--junit", options.junit, "Also write the report as JUnit XML")
      ->type_name("FILE");
  command.add_option("--html", options.html, "Also write the report as one page for a browser")
      ->type_name("FILE");
}

Result<void> check_report_files(const ReportOptions& options) {
  for (const std::string& path : {options.junit, options.html}) {
    if (path.empty()) {
      continue;
    }
    if (path == "-") {
      return usage_error("-: the report for people is on standard output",
                         "give the other one a file");
    }
    std::error_code ignored;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const bool exists = std::filesystem::exists(path, ignored);
    const std::string target = exists ? path : folder.empty() ? "." : folder.string();
    if (std::filesystem::is_directory(path, ignored) || ::access(target.c_str(), W_OK) != 0) {
      return file_error(path, "cannot be written");
    }
  }
  return {};
}

Result<void> write_reports(const std::vector<RunReport>& reports, const ReportOptions& options) {
  if (!options.junit.empty()) {
    AUTOTAPE_TRY(write_file(options.junit, report_junit(reports)));
  }
  if (!options.html.empty()) {
    AUTOTAPE_TRY(write_file(options.html, report_html(reports)));
  }
  if (!options.json) {
    return {};
  }
  Json json = Json::array();
  for (const RunReport& report : reports) {
    json.push_back(report_json(report));
  }
  return print(write_document_indented(json.size() == 1 ? json[0] : json) + "\n");
}

std::string summary_of(const std::vector<RunReport>& reports) {
  std::string text = fmt::format("{} runs", reports.size());
  std::string separator = ": ";
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::unknown}) {
    std::uint64_t count = 0;
    std::string names;
    for (const RunReport& report : reports) {
      if (report.outcome() == outcome) {
        names += (count++ == 0 ? "" : ", ") + printable(report.name, 100);
      }
    }
    if (count != 0) {
      text += fmt::format("{}{} {}", std::exchange(separator, "; "), count, name_of(outcome));
      text += outcome == Outcome::passed ? "" : fmt::format(" ({})", names);
    }
  }
  return text + "\n";
}

ExitCode exit_code_of(const std::vector<RunReport>& reports) {
  ExitCode code = ExitCode::passed;
  for (const RunReport& report : reports) {
    const Outcome outcome = report.outcome();
    code = graver(code, outcome == Outcome::failed    ? ExitCode::check_failed
                        : report.interrupted          ? ExitCode::loss
                        : outcome == Outcome::unknown ? ExitCode::inconclusive
                        : report.tape_damaged         ? ExitCode::loss
                                                      : ExitCode::passed);
  }
  return code;
}

}  // namespace autotape
