// autotape test: play a tape to a consumer and judge what it did.
#include "cli/command.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/report_output.hpp"
#include "cli/terminal.hpp"
#include "run/manifest.hpp"
#include "run/temporary_folder.hpp"
#include "run/test_run.hpp"
#include "run/verify_run.hpp"
#include "verify/expectation_json.hpp"

namespace autotape {
namespace {

struct TestOptions {
  std::string input;  // scenario or tape
  ReplayOptions replay;

  std::string out;
  std::optional<std::uint32_t> consumers;
  std::string observations = "file";
  std::string state_command;
  Duration start_timeout = std::chrono::seconds(30);
  Duration settle = std::chrono::milliseconds(300);
  Duration hang_timeout = std::chrono::seconds(20);
  Duration stop_timeout = std::chrono::seconds(5);
  std::vector<std::string> checks;
  std::vector<std::string> expect;
  ReportOptions report;
  std::vector<std::string> command_line;
};

const std::map<std::string, ObservationChannel> channels{{"file", ObservationChannel::file},
                                                         {"pipe", ObservationChannel::pipe},
                                                         {"stdout", ObservationChannel::output}};

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

// The scenario's expectation, with what the command line says instead.
Result<Expectation> expectation_of(const TestOptions& options, const Expectation& scenario) {
  Json json = expectation_to_json(scenario);
  for (const std::string& check : options.checks) {
    json[check] = "required";
  }
  for (const std::string& member : options.expect) {
    const std::size_t equals = member.find('=');
    if (equals == std::string::npos) {
      return usage_error(fmt::format("--expect {}: has no '='", member),
                         "write it like --expect order_rule=latest-wins");
    }
    json[member.substr(0, equals)] = member.substr(equals + 1);
  }
  return expectation_from_json(json, "--expect");
}

Result<Scenario> scenario_of(const TestOptions& options) {
  AUTOTAPE_TRY_ASSIGN(Scenario scenario, scenario_of(options.input, options.replay));
  AUTOTAPE_TRY_ASSIGN(scenario.expect, expectation_of(options, scenario.expect));
  scenario.consumers = options.consumers.value_or(scenario.consumers);
  return scenario;
}

Result<TestRunSettings> settings_of(const TestOptions& options) {
  TestRunSettings settings;
  AUTOTAPE_TRY_ASSIGN(settings.scenario, scenario_of(options));
  AUTOTAPE_TRY(plan_of(settings.scenario));  // before a broker is started for nothing
  settings.make_plan =
      [scenario = settings.scenario](
          const BrokerConnection& broker) -> Result<std::unique_ptr<DeliverySource>> {
    AUTOTAPE_TRY_ASSIGN(auto plan, plan_of(scenario));
    return rewritten_for(std::move(plan), scenario, {broker.environment, broker.app_id});
  };
  settings.command = arguments_after_double_dash();
  settings.channel = channels.at(options.observations);
  if (!options.state_command.empty()) {
    settings.state_command = {"sh", "-c", options.state_command};
  }
  settings.start_timeout = options.start_timeout;
  settings.settle = options.settle;
  settings.hang_timeout = options.hang_timeout;
  settings.stop_timeout = options.stop_timeout;
  settings.tool = "autotape " AUTOTAPE_VERSION;
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

void add_consumer_options(CLI::App& command, TestOptions& options) {
  command.add_option("--consumers", options.consumers, "Start so many, each with its own bundle")
      ->check(CLI::Range(1, 100));
  command
      .add_option("--observations", options.observations,
                  "How the consumer hands over its observations: file, pipe, stdout")
      ->check(CLI::IsMember(channels));
  command.add_option("--state-command", options.state_command,
                     "Shell command that prints state lines when all is over");
  add_duration_option(command, "--start-timeout", options.start_timeout,
                      "How long the consumer may take to subscribe");
  add_duration_option(command, "--settle", options.settle, "How long all must be quiet at the end");
  add_duration_option(command, "--hang-timeout", options.hang_timeout,
                      "How long the consumer may leave messages unacknowledged");
  add_duration_option(command, "--stop-timeout", options.stop_timeout,
                      "From SIGTERM to SIGKILL at the end");
  command.add_option("--check", options.checks,
                     "Require a check: completeness, dedup, order, state, latency");
  command.add_option("--expect", options.expect, "Change what is expected: order_rule=latest-wins")
      ->type_name("MEMBER=VALUE");
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
  add_consumer_options(command, *options);
  add_report_options(command, options->report);
  run_when_chosen(command, chosen, [options] {
    options->command_line = whole_command_line();
    return test(*options);
  });
}

}  // namespace autotape
