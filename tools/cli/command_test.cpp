// autotape test: play a tape to a consumer and judge what it did.
#include "cli/command.hpp"

#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/consumer_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/report_output.hpp"
#include "cli/terminal.hpp"
#include "run/manifest.hpp"
#include "run/temporary_folder.hpp"
#include "run/test_run.hpp"
#include "run/verify_run.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape {
namespace {

struct TestOptions {
  std::string input;  // scenario or tape
  ReplayOptions replay;

  std::string out;
  ConsumerOptions consumer;
  ReportOptions report;
  std::vector<std::string> command_line;
};

// Says what goes on, and tells a person what to start where there is no command.
class Narrator final : public TestRunListener {
 public:
  void on_phase(const std::string& phase) override { progress_.show(phase + " …"); }

  void on_settings(std::uint32_t consumer,
                   const std::vector<std::pair<std::string, std::string>>& settings) override {
    progress_.clear();
    say(fmt::format("start consumer {} with these settings:", consumer));
    for (const auto& [name, value] : settings) {
      say(fmt::format("  export {}='{}'", name, value));
    }
  }

  bool should_stop() const override { return interrupted(); }

 private:
  ProgressLine progress_;
};

Result<TestRunSettings> settings_of(const TestOptions& options) {
  TestRunSettings settings;
  AUTOTAPE_TRY_ASSIGN(settings.scenario, scenario_of(options.input, options.replay));
  AUTOTAPE_TRY(apply_consumer_options(options.consumer, settings));
  AUTOTAPE_TRY(plan_of(settings.scenario));  // before a broker is started for nothing
  settings.command_line = options.command_line;
  return settings;
}

Result<RunReport> run_and_judge(const TestOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const TestRunSettings settings, settings_of(options));
  std::optional<TemporaryFolder> temporary;
  std::string folder = options.out;
  if (folder.empty()) {
    AUTOTAPE_TRY_ASSIGN(temporary, TemporaryFolder::create());
    folder = temporary->path();
  }
  {
    Narrator narrator;
    AUTOTAPE_TRY(run_test(settings, folder, narrator));
  }
  AUTOTAPE_TRY_ASSIGN(RunReport report, verify_run(folder));
  const RunFiles files(folder);
  AUTOTAPE_TRY(write_file(files.verdict, write_document_indented(report_json(report)) + "\n"));
  AUTOTAPE_TRY(write_file(files.report, report_text(report)));
  report.folder = options.out;
  return report;
}

ExitCode test(const TestOptions& options) {
  auto report = run_and_judge(options);
  if (!report) {
    return report_error(report.error());
  }
  const std::vector<RunReport> reports{std::move(*report)};
  if (const auto shown = show_reports(reports, options.report); !shown) {
    return report_error(shown.error());
  }
  return exit_code_of(reports);
}

}  // namespace

void add_test_command(CLI::App& program, Action& chosen) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App& command =
      add_command(program, "test", "Play a tape to a consumer and judge what it did",
                  "autotape test commute.ndjson --rate 60 --duplicate 10% -- ./my-consumer");
  command.add_option("SCENARIO", options->input, "Scenario, or a tape that is played as it is")
      ->required();
  add_replay_options(command, options->replay);
  command.add_option("-o,--out", options->out, "Keep the run in this folder")->type_name("DIR");
  add_consumer_options(command, options->consumer);
  add_report_options(command, options->report);
  run_when_chosen(command, chosen, [options] {
    options->command_line = whole_command_line();
    return test(*options);
  });
}

}  // namespace autotape
