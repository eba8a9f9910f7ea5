// autotape explore: look for a stream that a consumer does not survive.
#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/consumer_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "run/search/exploration.hpp"

namespace autotape {
namespace {

struct ExploreOptions {
  std::string input;
  ReplayOptions replay;
  ConsumerOptions consumer;
  std::optional<std::uint64_t> runs;
  Duration longest{};
  bool until_failure = false;
  std::optional<std::uint64_t> only;
  std::vector<std::string> with;
  unsigned jobs = 1;
  std::string out;
  bool json = false;
  std::vector<std::string> command_line;
};

constexpr std::size_t most_shown = 10;

std::string describe(const ExploredRun& run) {
  std::string troubles;
  for (const DrawnTrouble& trouble : run.troubles) {
    troubles += fmt::format("{}{}{}", troubles.empty() ? "" : "; ", trouble.name,
                            trouble.strength.empty() ? "" : " " + trouble.strength);
  }
  return fmt::format("run {}: {}  [{}]", run.number,
                     printable(fmt::format("{}", fmt::join(run.failures, ", ")), 200), troubles);
}

// Tells of failed runs as they come, and how far it is on a terminal.
class Narrator final : public ExplorationListener {
 public:
  explicit Narrator(const ExploreOptions& options) : options_(options) {}

  void on_run(const ExploredRun& run, const Exploration& so_far) override {
    if (run.outcome == Outcome::failed && so_far.failed.size() <= most_shown) {
      progress_.clear();
      say(describe(run));
    }
    if (progress_.due()) {
      progress_.show(fmt::format("{} runs{}, {} failed", so_far.runs,
                                 options_.runs ? fmt::format(" of {}", *options_.runs) : "",
                                 so_far.failed.size()));
    }
  }

  bool should_stop() const override { return interrupted(); }

 private:
  const ExploreOptions& options_;
  ProgressLine progress_;
};

std::string rate_text(std::uint64_t failed, std::uint64_t runs) {
  return runs == 0 ? "–"
                   : fmt::format("{:.0f} %",
                                 100.0 * static_cast<double>(failed) / static_cast<double>(runs));
}

double rate(std::uint64_t failed, std::uint64_t runs) {
  return runs == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(runs);
}

// Those that make the most difference first.
std::vector<TroubleTally> sorted_tallies(const Exploration& found) {
  std::vector<TroubleTally> tallies = found.troubles;
  const auto difference = [&](const TroubleTally& tally) {
    return rate(tally.failed, tally.runs) -
           rate(found.failed.size() - tally.failed, found.runs - tally.runs);
  };
  std::stable_sort(
      tallies.begin(), tallies.end(),
      [&](const TroubleTally& a, const TroubleTally& b) { return difference(a) > difference(b); });
  return tallies;
}

std::string counted_runs(std::uint64_t count) {
  return count == 1 ? "1 run" : describe_count(count) + " runs";
}

std::string summary_of(const Exploration& found, const ExploreOptions& options) {
  std::string text = fmt::format(
      "{}  {} of {} runs failed, in {} ({} a run)\n",
      !found.failed.empty() ? "FAILED"
      : interrupted()       ? "INTERRUPTED"
                            : "PASSED",
      describe_count(found.failed.size()), describe_count(found.runs),
      describe_duration(found.elapsed),
      describe_duration(found.elapsed /
                        static_cast<std::int64_t>(std::max<std::uint64_t>(found.runs, 1)) *
                        options.jobs));
  if (found.not_made > 0) {
    text += fmt::format("  {} could not be made, the first: {}\n", counted_runs(found.not_made),
                        found.why_not_made);
  }
  if (found.failed.empty()) {
    return text;
  }
  text += fmt::format("  the first after {} and {}\n", counted_runs(found.runs_to_first_failure),
                      describe_duration(found.to_first_failure));
  text += fmt::format("  {:<26}{:>6}{:>8}{:>12}{:>14}\n", "", "runs", "failed", "with it",
                      "without it");
  for (const TroubleTally& tally : sorted_tallies(found)) {
    text += fmt::format("  {:<26}{:>6}{:>8}{:>12}{:>14}\n", tally.name, tally.runs, tally.failed,
                        rate_text(tally.failed, tally.runs),
                        rate_text(found.failed.size() - tally.failed, found.runs - tally.runs));
  }
  if (!options.out.empty()) {
    const std::string& folder = found.failed.front().folder;
    text += fmt::format(
        "  the failed runs are kept in {}; make one small with\n"
        "    autotape shrink {} -o regression -- COMMAND\n",
        options.out, folder);
  } else {
    text += "  give --out DIR to keep the failed runs\n";
  }
  return text;
}

Json json_of(const ExploredRun& run) {
  Json json{{"run", run.number}, {"failures", run.failures}, {"troubles", Json::array()}};
  for (const DrawnTrouble& trouble : run.troubles) {
    json["troubles"].push_back({{"name", trouble.name}, {"strength", trouble.strength}});
  }
  json["seconds"] = std::chrono::duration<double>(run.elapsed).count();
  if (!run.folder.empty()) {
    json["folder"] = run.folder;
  }
  return json;
}

Json json_of(const Exploration& found) {
  Json json{{"runs", found.runs},
            {"failed", found.failed.size()},
            {"inconclusive", found.inconclusive},
            {"not_made", found.not_made},
            {"interrupted", interrupted()},
            {"seconds", std::chrono::duration<double>(found.elapsed).count()}};
  if (!found.failed.empty()) {
    json["first_failure"] = {
        {"runs", found.runs_to_first_failure},
        {"seconds", std::chrono::duration<double>(found.to_first_failure).count()}};
  }
  json["troubles"] = Json::array();
  for (const TroubleTally& tally : found.troubles) {
    json["troubles"].push_back(
        {{"name", tally.name}, {"runs", tally.runs}, {"failed", tally.failed}});
  }
  json["failed_runs"] = Json::array();
  for (const ExploredRun& run : found.failed) {
    json["failed_runs"].push_back(json_of(run));
  }
  return json;
}

Result<ExplorationSettings> settings_of(const ExploreOptions& options) {
  ExplorationSettings settings;
  AUTOTAPE_TRY_ASSIGN(settings.run.scenario, scenario_of(options.input, options.replay));
  const Scenario& scenario = settings.run.scenario;
  const bool has_own = !scenario.shape.stages.empty() || !scenario.faults.empty();
  if (options.replay.rate && (!has_own || !options.with.empty())) {
    return usage_error(
        fmt::format("--rate {}: explore draws the rate of each run itself", *options.replay.rate),
        "it is kept for a scenario with stages or faults of its own");
  }
  // A consumer that tells its readings or its state is held to them, and not to other properties.
  Expectation& expect = settings.run.scenario.expect;
  expect.state = expect.state == CheckMode::off ? CheckMode::by_default : expect.state;
  AUTOTAPE_TRY(apply_consumer_options(options.consumer, settings.run));
  if (settings.run.command.empty()) {
    return usage_error("explore starts the consumer again and again, and needs its command",
                       "autotape explore SCENARIO -- COMMAND");
  }
  settings.run.command_line = options.command_line;
  settings.seed = options.replay.seed.value_or(1);
  settings.with = options.with;
  settings.most_runs = options.runs;
  if (options.longest > Duration::zero()) {
    settings.longest = options.longest;
  }
  if (options.until_failure || (!settings.most_runs && !settings.longest)) {
    settings.most_failures = 1;
  }
  settings.only = options.only;
  settings.jobs = options.jobs;
  settings.out = options.out;
  return settings;
}

ExitCode explore(const ExploreOptions& options) {
  const auto settings = settings_of(options);
  if (!settings) {
    return report_error(settings.error());
  }
  Result<Exploration> found = [&] {
    Narrator narrator(options);
    return explore(*settings, narrator);
  }();
  if (!found) {
    return report_error(found.error());
  }
  const auto shown = print(options.json ? write_document_indented(json_of(*found)) + "\n"
                                        : summary_of(*found, options));
  if (!shown) {
    return report_error(shown.error());
  }
  if (!found->failed.empty()) {
    return ExitCode::check_failed;
  }
  return interrupted()                                 ? ExitCode::loss
         : found->runs == 0 || found->inconclusive > 0 ? ExitCode::inconclusive
         : found->not_made > 0                         ? ExitCode::loss
                                                       : ExitCode::passed;
}

std::string arsenal_text() {
  std::string text =
      "What a scenario without stages and faults gets, each with a strength that luck decides:\n";
  for (const Trouble& trouble : arsenal()) {
    text += fmt::format("  {:<26}{}\n", trouble.name, trouble.what);
  }
  return text;
}

}  // namespace

void add_explore_command(CLI::App& program, Action& chosen) {
  const auto options = std::make_shared<ExploreOptions>();
  options->consumer.settle = search_settle;
  CLI::App& command = add_command(
      program, "explore", "Look for a stream that a consumer does not survive",
      "autotape explore scenarios/clean-commute.yaml --runs 200 --out failed -- ./my-consumer");
  command.footer(
      arsenal_text() +
      "The state is judged, too: of the properties that the consumer names in its observations, or "
      "of all\nwith --check state. --expect state=off leaves it out.\n"
      "Exit codes: 0 no run failed, 4 one did, 7 none did and some were inconclusive, 3 none did "
      "before it was interrupted.\n" +
      command.get_footer());
  command
      .add_option("SCENARIO", options->input,
                  "A tape, or a scenario; its own stages and faults are varied if it has some")
      ->required();
  command.add_option("--runs", options->runs, "So many runs [until one fails]")
      ->check(at_least_one());
  add_duration_option(command, "--for", options->longest, "For so long");
  command.add_flag("--until-failure", options->until_failure, "End when one has failed");
  command.add_option("--with", options->with, "Only this of the list below; repeatable")
      ->type_name("NAME");
  command.add_option("--only", options->only, "Make this run of the search again, and no other")
      ->type_name("RUN");
  command.add_option("--jobs", options->jobs, "Runs at once, each with a broker of its own")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("-o,--out", options->out, "Keep each failed run in a folder of this folder")
      ->type_name("DIR");
  add_replay_options(command, options->replay);
  add_consumer_options(command, options->consumer);
  take_consumer_command(command, true);
  command.add_flag("--json", options->json, "Print the result as JSON");
  run_when_chosen(command, chosen, [options] {
    options->command_line = whole_command_line();
    return explore(*options);
  });
}

}  // namespace autotape
