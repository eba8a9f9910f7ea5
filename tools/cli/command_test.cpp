// autotape test: play a tape to a consumer and judge what it did.
#include "cli/command.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/consumer_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/report_output.hpp"
#include "cli/terminal.hpp"
#include "run/test_series.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape {
namespace {

struct TestOptions {
  std::vector<std::string> inputs;  // scenarios or tapes
  ReplayOptions replay;

  std::string out;
  std::size_t jobs = 1;
  ConsumerOptions consumer;
  ReportOptions report;
  std::vector<std::string> command_line;
};

// Says what goes on, tells a person what to start where there is no command, and prints each report
// as soon as those before it are printed.
class Narrator final : public SeriesListener {
 public:
  Narrator(const std::vector<SeriesRun>& runs, bool prints_reports)
      : runs_(runs), prints_reports_(prints_reports), texts_(runs.size()) {}

  std::unique_ptr<TestRunListener> on_begin(std::size_t run) override {
    return std::make_unique<OfOneRun>(*this, run);
  }

  void on_report(std::size_t run, const RunReport& report) override {
    const std::lock_guard lock(mutex_);
    progress_.clear();
    texts_[run] = report_text(report);
    for (; printed_ < texts_.size() && texts_[printed_]; ++printed_) {
      if (prints_reports_ && output_) {
        output_ = print(*texts_[printed_]);
      }
    }
    if (prints_reports_ && output_) {
      output_ = finish_output();
    }
  }

  bool should_stop() const override { return interrupted(); }

  // Could all reports be printed?
  const Result<void>& output() const { return output_; }

 private:
  class OfOneRun final : public TestRunListener {
   public:
    OfOneRun(Narrator& narrator, std::size_t run) : narrator_(narrator), run_(run) {}
    void on_phase(const std::string& phase) override { narrator_.show(run_, phase); }
    void on_settings(std::uint32_t consumer,
                     const std::vector<std::pair<std::string, std::string>>& settings) override {
      narrator_.show_settings(run_, consumer, settings);
    }
    void on_warning(const std::string& text) override { narrator_.warn(run_, text); }
    bool should_stop() const override { return interrupted(); }

   private:
    Narrator& narrator_;
    std::size_t run_;
  };

  std::string which(std::size_t run) const {
    return runs_.size() == 1 ? ""
                             : fmt::format("[{}/{}] {}: ", run + 1, runs_.size(),
                                           runs_[run].settings.scenario.name);
  }

  void show(std::size_t run, const std::string& phase) {
    const std::lock_guard lock(mutex_);
    progress_.show(which(run) + phase + " …");
  }

  void warn(std::size_t run, const std::string& text) {
    const std::lock_guard lock(mutex_);
    progress_.clear();
    say(fmt::format("warning: {}{}", which(run), text));
  }

  void show_settings(std::size_t run, std::uint32_t consumer,
                     const std::vector<std::pair<std::string, std::string>>& settings) {
    const std::lock_guard lock(mutex_);
    progress_.clear();
    say(fmt::format("{}start consumer {} with these settings:", which(run), consumer));
    for (const auto& [name, value] : settings) {
      say(fmt::format("  export {}='{}'", name, value));
    }
  }

  const std::vector<SeriesRun>& runs_;
  const bool prints_reports_;
  std::mutex mutex_;
  ProgressLine progress_;
  std::vector<std::optional<std::string>> texts_;
  std::size_t printed_ = 0;
  Result<void> output_;
};

Result<TestRunSettings> settings_of(const std::string& input, const TestOptions& options) {
  TestRunSettings settings;
  AUTOTAPE_TRY_ASSIGN(settings.scenario, scenario_of(input, options.replay));
  if (settings.scenario.name.empty()) {
    settings.scenario.name = std::filesystem::path(input).stem().string();
  }
  AUTOTAPE_TRY(apply_consumer_options(options.consumer, settings));
  if (settings.scenario.tape == standard_input) {
    return usage_error("-: a test reads its tape more than once", "give it a file");
  }
  AUTOTAPE_TRY(plan_scenario(settings.scenario));  // before a broker is started for nothing
  settings.command_line = options.command_line;
  return settings;
}

// Of several runs each has a folder in the one that was named; alike names are numbered.
std::string folder_of(const std::string& name, const TestOptions& options,
                      std::set<std::string>& taken) {
  if (options.out.empty() || options.inputs.size() == 1) {
    return options.out;
  }
  std::string unique = name;
  for (int number = 2; !taken.insert(unique).second; ++number) {
    unique = fmt::format("{}-{}", name, number);
  }
  return (std::filesystem::path(options.out) / unique).string();
}

// "autotape test commute.ndjson python3 consumer.py": a "--" is missing.
bool looks_like_command(const std::string& input, bool is_first) {
  constexpr std::array<std::string_view, 6> endings{".yaml",   ".yml", ".mcap",
                                                    ".ndjson", ".zst", ".plan"};
  const bool is_known = std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return input.ends_with(ending);
  });
  if (is_known || !arguments_after_double_dash().empty()) {
    return false;
  }
  std::error_code ignored;
  const auto status = std::filesystem::status(input, ignored);
  constexpr auto executable = std::filesystem::perms::owner_exec;
  return std::filesystem::is_regular_file(status)
             ? (status.permissions() & executable) != std::filesystem::perms::none
             : !is_first && !std::filesystem::exists(status);
}

Result<std::vector<SeriesRun>> runs_of(const TestOptions& options) {
  std::vector<SeriesRun> runs;
  std::set<std::string> taken;
  for (const std::string& input : options.inputs) {
    if (looks_like_command(input, runs.empty())) {
      return usage_error(fmt::format("{}: is no scenario and no tape", input),
                         "did you forget \"--\" before the consumer's command?");
    }
    AUTOTAPE_TRY_ASSIGN(auto settings, settings_of(input, options));
    std::string folder = folder_of(settings.scenario.name, options, taken);
    runs.push_back({std::move(settings), std::move(folder)});
  }
  if (options.jobs > 1 && runs.size() > 1 && runs.front().settings.command.empty()) {
    return usage_error("--jobs: there is no command to start several times",
                       "name the consumer behind --, or leave --jobs out");
  }
  return runs;
}

// A folder that is taken is said before anything is played.
Result<void> refuse_taken_folders(const std::vector<SeriesRun>& runs) {
  for (const SeriesRun& run : runs) {
    std::error_code ignored;
    const auto status = std::filesystem::status(run.folder, ignored);
    if (run.folder.empty() || !std::filesystem::exists(status)) {
      continue;
    }
    if (!std::filesystem::is_directory(status)) {
      return file_error(run.folder, "is no folder", "name another one for the run");
    }
    if (!std::filesystem::is_empty(run.folder, ignored)) {
      return file_error(run.folder, "is not empty", "name another folder for the run");
    }
  }
  return {};
}

// Text was printed as it came; JSON and JUnit are of all runs at once. What was judged before a run
// could not be made is reported, too.
Result<ExitCode> run_and_report(const TestOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const auto runs, runs_of(options));
  AUTOTAPE_TRY(refuse_taken_folders(runs));
  AUTOTAPE_TRY(check_report_files(options.report));
  Narrator narrator(runs, !options.report.json);
  auto made = run_series(runs, options.jobs, narrator);
  AUTOTAPE_TRY(narrator.output());
  std::vector<RunReport> reports;
  for (auto& report : made.reports) {
    if (report) {
      reports.push_back(std::move(*report));
    }
  }
  if (!made.failure && reports.empty()) {
    return made.failure.error();
  }
  AUTOTAPE_TRY(write_reports(reports, options.report));
  if (runs.size() > 1 && !options.report.json) {
    AUTOTAPE_TRY(print(summary_of(reports)));
  }
  ExitCode code = exit_code_of(reports);
  if (reports.size() < runs.size()) {
    const std::string count = fmt::format("{} of {}", runs.size() - reports.size(), runs.size());
    say(made.failure ? "interrupted: " + count + " runs were not begun"
                     : count + " runs were not made");
    code = graver(code, ExitCode::loss);
  }
  return made.failure ? code : graver(code, report_error(made.failure.error()));
}

ExitCode test(const TestOptions& options) {
  const auto code = run_and_report(options);
  return code ? *code : report_error(code.error());
}

}  // namespace

void add_test_command(CLI::App& program, Action& chosen) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App& command =
      add_command(program, "test", "Play a tape to a consumer and judge what it did",
                  "autotape test commute.ndjson --rate 60 --duplicate 10% -- ./my-consumer");
  command
      .add_option("SCENARIO", options->inputs, "Scenarios, or tapes that are played as they are")
      ->required();
  add_replay_options(command, options->replay);
  command
      .add_option("-o,--out", options->out,
                  "Keep the run in this folder; of several each in one of its own within")
      ->type_name("DIR");
  command.add_option("-j,--jobs", options->jobs, "Play so many scenarios at a time")
      ->check(CLI::Range(1, 64));
  add_consumer_options(command, options->consumer);
  take_consumer_command(command, false);
  add_report_options(command, options->report);
  run_when_chosen(command, chosen, [options] {
    options->command_line = whole_command_line();
    return test(*options);
  });
}

}  // namespace autotape
