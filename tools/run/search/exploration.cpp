#include "run/search/exploration.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "run/judged_run.hpp"
#include "run/search/quiet_listener.hpp"
#include "run/temporary_folder.hpp"
#include "run/test_broker.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_not_made_in_a_row = 3;

class Explorer {
 public:
  Explorer(const ExplorationSettings& settings, Variations variations, std::string folder,
           ExplorationListener& listener)
      : settings_(settings),
        variations_(std::move(variations)),
        folder_(std::move(folder)),
        listener_(listener),
        start_(monotonic_now()) {
    for (const std::string& name : variations_.names()) {
      const auto known = std::any_of(found_.troubles.begin(), found_.troubles.end(),
                                     [&](const TroubleTally& tally) { return tally.name == name; });
      if (!known) {
        found_.troubles.push_back({name, 0, 0});
      }
    }
  }

  Result<Exploration> explore() {
    std::vector<std::thread> lanes;
    for (unsigned lane = 1; lane < settings_.jobs; ++lane) {
      lanes.emplace_back([this] { run_lane(); });
    }
    run_lane();
    for (std::thread& lane : lanes) {
      lane.join();
    }
    if (!failure_) {
      return failure_.error();
    }
    found_.elapsed = monotonic_now() - start_;
    return std::move(found_);
  }

 private:
  // One run after another on one broker.
  void run_lane() {
    if (auto result = try_lane(); !result) {
      const std::lock_guard lock(mutex_);
      failure_ = failure_ ? result : failure_;
      over_ = true;
    }
  }

  Result<void> try_lane() {
    AUTOTAPE_TRY_ASSIGN(TestBroker broker, TestBroker::start(settings_.run.scenario.stream));
    while (const auto number = next_run()) {
      AUTOTAPE_TRY(run(*number, broker));
    }
    return {};
  }

  std::optional<std::uint64_t> next_run() {
    const std::lock_guard lock(mutex_);
    const bool over = over_ || listener_.should_stop() ||
                      (settings_.most_runs && begun_ >= *settings_.most_runs) ||
                      (settings_.only && begun_ > 0) ||
                      (settings_.longest && monotonic_now() - start_ >= *settings_.longest);
    if (over) {
      return std::nullopt;
    }
    ++begun_;
    return settings_.only.value_or(begun_);
  }

  Result<void> run(std::uint64_t number, TestBroker& broker) {
    Variation variation = variations_.at(number);
    TestRunSettings settings = settings_.run;
    settings.scenario = std::move(variation.scenario);
    settings.command_line = command_line_of(number);
    const std::string folder = fmt::format("{}/run-{}", folder_, number);
    QuietListener quiet([this] { return over_ || listener_.should_stop(); });
    const MonotonicTime begin = monotonic_now();
    const auto judged = judged_run(settings, broker, folder, quiet);
    if (!judged) {
      return note_not_made(number, judged.error());
    }
    const RunReport& report = *judged;
    ExploredRun run;
    run.number = number;
    run.troubles = std::move(variation.troubles);
    run.outcome = report.outcome();
    run.failures = failures_of(report);
    run.elapsed = monotonic_now() - begin;
    const bool failed = run.outcome == Outcome::failed && !report.interrupted;
    if (failed && !settings_.out.empty()) {
      run.folder = folder;
    } else {
      std::error_code ignored;
      fs::remove_all(folder, ignored);
    }
    if (!report.interrupted) {
      note(std::move(run));
    }
    return {};
  }

  // One run that the broker spoiled spoils no search.
  Result<void> note_not_made(std::uint64_t number, const Error& error) {
    const std::lock_guard lock(mutex_);
    if (error.kind != ErrorKind::connection || ++not_made_in_a_row_ == most_not_made_in_a_row) {
      return error;
    }
    if (++found_.not_made == 1) {
      found_.why_not_made = fmt::format("run {}: {}", number, error.line());
    }
    return {};
  }

  // The command that makes this run again.
  std::vector<std::string> command_line_of(std::uint64_t number) const {
    std::vector<std::string> words = settings_.run.command_line;
    if (!settings_.only) {
      const auto end = std::find(words.begin(), words.end(), "--");
      words.insert(end, {"--only", std::to_string(number)});
    }
    return words;
  }

  void note(ExploredRun run) {
    const std::lock_guard lock(mutex_);
    const bool failed = run.outcome == Outcome::failed;
    ++found_.runs;
    not_made_in_a_row_ = 0;
    found_.inconclusive += run.outcome == Outcome::unknown ? 1U : 0U;
    for (TroubleTally& tally : found_.troubles) {
      const bool had =
          std::any_of(run.troubles.begin(), run.troubles.end(),
                      [&](const DrawnTrouble& trouble) { return trouble.name == tally.name; });
      tally.runs += had ? 1U : 0U;
      tally.failed += had && failed ? 1U : 0U;
    }
    if (failed) {
      if (found_.failed.empty()) {
        found_.to_first_failure = monotonic_now() - start_;
        found_.runs_to_first_failure = found_.runs;
      }
      found_.failed.push_back(run);
      over_ =
          over_ || (settings_.most_failures && found_.failed.size() >= *settings_.most_failures);
    }
    listener_.on_run(run, found_);
  }

  const ExplorationSettings& settings_;
  const Variations variations_;
  const std::string folder_;
  ExplorationListener& listener_;
  const MonotonicTime start_;

  std::mutex mutex_;
  std::atomic<bool> over_ = false;
  std::uint64_t begun_ = 0;
  std::uint64_t not_made_in_a_row_ = 0;
  Exploration found_;
  Result<void> failure_;
};

Result<void> prepare_out(const std::string& out) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error || !fs::is_directory(out)) {
    return file_error(out, "cannot make the folder: " + error.message());
  }
  if (!fs::is_empty(out, error)) {
    return file_error(out, "is not empty", "name another folder for the runs");
  }
  return {};
}

}  // namespace

Result<Exploration> explore(const ExplorationSettings& settings, ExplorationListener& listener) {
  AUTOTAPE_TRY_ASSIGN(Variations variations,
                      Variations::of(settings.run.scenario, settings.with, settings.seed));
  AUTOTAPE_TRY_ASSIGN(const TemporaryFolder temporary, TemporaryFolder::create());
  if (!settings.out.empty()) {
    AUTOTAPE_TRY(prepare_out(settings.out));
  }
  return Explorer(settings, std::move(variations),
                  settings.out.empty() ? temporary.path() : settings.out, listener)
      .explore();
}

std::vector<std::string> failures_of(const RunReport& report) {
  std::vector<std::string> failures;
  for (const ConsumerFault& fault : report.consumer_faults) {
    failures.push_back(fault.fault);
  }
  for (const PartyReport& party : report.parties) {
    for (const CheckResult& check : party.verdict.checks) {
      if (check.outcome == Outcome::failed) {
        failures.push_back(fmt::format(
            "{}: {}", check.name,
            check.findings.empty() ? check.summary : name_of(check.findings.front().kind)));
      }
    }
  }
  return failures;
}

}  // namespace autotape
