// From a run that failed to the smallest one that still fails the same check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "run/search/recorded_run.hpp"
#include "run/search/symptom.hpp"
#include "run/test_run.hpp"

namespace autotape {

struct ShrinkSettings {
  TestRunSettings run;   // of each try; what is played, its faults and its rate are the shrinker's
  Symptom symptom;       // what must come again
  unsigned confirm = 1;  // a part is given up when it has passed so often
  std::optional<std::uint64_t> most_runs{};
  std::optional<Duration> longest{};
};

struct Shrunk {
  Part part;
  RunReport report;          // of a run of this part that failed
  bool failed_again = true;  // false: the whole run, played again, passed each time
  bool proven = false;       // no single delivery can be taken away
  bool interrupted = false;  // the limits were reached, or the listener asked to stop
  std::uint64_t runs = 0;
  Duration elapsed{};
  unsigned last_tries = 0;     // of the smallest part, at the end…
  unsigned last_failures = 0;  // …and how many of them failed
};

class ShrinkListener {
 public:
  virtual ~ShrinkListener() = default;

  // Before each run: what is being tried, and the smallest part so far that failed.
  virtual void on_try(const std::string& phase, std::uint64_t runs, const Part& smallest) = 0;
  virtual bool should_stop() const = 0;
};

// In this order: as fast as can be; what the first finding is about alone; without faults; without
// whole cars; deliveries; faults; delays.
Result<Shrunk> shrink(const RecordedRun& run, const ShrinkSettings& settings,
                      ShrinkListener& listener);

}  // namespace autotape
