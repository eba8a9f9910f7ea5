// Many runs, one after the other or several at a time: what `autotape test SCENARIO…` does.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "report/run_report.hpp"
#include "run/test_run.hpp"

namespace autotape {

struct SeriesRun {
  TestRunSettings settings;
  std::string folder;  // of the run; empty: it is not kept
};

// What a series tells while it goes on. Called in several threads at once if there are several
// jobs.
class SeriesListener {
 public:
  virtual ~SeriesListener() = default;
  virtual std::unique_ptr<TestRunListener> on_begin(std::size_t run) = 0;
  virtual void on_report(std::size_t run, const RunReport& report) = 0;
  virtual bool should_stop() const = 0;
};

struct SeriesResult {
  std::vector<std::optional<RunReport>> reports;  // as many as runs
  Result<void> failure;
};

// Plays and judges each run, and keeps the verdict in its folder. Each of the jobs has a broker of
// its own, for all of its runs. Nothing in the place of a run that was not begun because the
// listener wanted to stop. The first run that cannot be made ends the series: its error is given
// when the runs that were begun are over, with the verdicts that were reached.
SeriesResult run_series(const std::vector<SeriesRun>& runs, std::size_t jobs,
                        SeriesListener& listener);

}  // namespace autotape
