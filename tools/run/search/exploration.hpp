// Looks for a stream that a consumer does not survive: run after run, each with other luck.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "report/run_report.hpp"
#include "run/search/variation.hpp"
#include "run/test_run.hpp"

namespace autotape {

struct ExplorationSettings {
  TestRunSettings run;  // of each run; its scenario is what is varied
  std::uint64_t seed = 1;
  std::vector<std::string> with{};  // troubles of the arsenal; as Variations::of() takes them

  // It ends at the first that is reached; without any, it does not end.
  std::optional<std::uint64_t> most_runs{};
  std::optional<Duration> longest{};
  std::optional<std::uint64_t> most_failures{};

  std::optional<std::uint64_t> only{};  // this run and no other
  unsigned jobs = 1;                    // so many at once, each with a broker of its own
  std::string out{};                    // gets a folder for each failed run; empty: none is kept
};

struct ExploredRun {
  std::uint64_t number = 0;
  std::vector<DrawnTrouble> troubles{};
  Outcome outcome = Outcome::passed;
  std::vector<std::string> failures{};  // "dedup: duplicated", "exited with 1 …"
  Duration elapsed{};
  std::string folder{};  // where it is kept; empty: nowhere
};

// How often runs failed that had a trouble, and those that had it not.
struct TroubleTally {
  std::string name{};
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
};

struct Exploration {
  std::uint64_t runs = 0;
  std::uint64_t inconclusive = 0;
  std::uint64_t not_made = 0;  // since the broker or the connection to it failed; not in `runs`
  std::string why_not_made{};  // the first of them
  std::vector<ExploredRun> failed{};  // in the order in which they ended
  Duration to_first_failure{};        // only where one failed
  std::uint64_t runs_to_first_failure = 0;
  Duration elapsed{};
  std::vector<TroubleTally> troubles{};
};

// Called in any thread, one call at a time.
class ExplorationListener {
 public:
  virtual ~ExplorationListener() = default;
  virtual void on_run(const ExploredRun& run, const Exploration& so_far) = 0;
  virtual bool should_stop() const = 0;  // also while another call goes on
};

// An error means that runs could not be made at all, or not three times in a row. A run that was
// broken off is not counted.
Result<Exploration> explore(const ExplorationSettings& settings, ExplorationListener& listener);

// What a report says of a run that failed, a line for each check and for each consumer's fault.
std::vector<std::string> failures_of(const RunReport& report);

}  // namespace autotape
