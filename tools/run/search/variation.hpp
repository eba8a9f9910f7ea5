// The scenarios of a search: one for each run, a pure function of the base scenario, the seed and
// the run's number.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "run/search/arsenal.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

// One thing that a run of a search has and others have not.
struct DrawnTrouble {
  std::string name;      // of the trouble, or of the scenario's own stage or fault
  std::string strength;  // "12% up to 3s later"
};

struct Variation {
  Scenario scenario;
  std::vector<DrawnTrouble> troubles;
};

class Variations {
 public:
  // Reads the tape once. A scenario with stages or faults of its own is varied in these; one
  // without gets `names` of the arsenal, all of it if none are named. Usage errors for other names.
  static Result<Variations> of(const Scenario& base, const std::vector<std::string>& names,
                               std::uint64_t seed);

  // The first run is 1.
  Variation at(std::uint64_t run) const;

  // All names that troubles can have.
  std::vector<std::string> names() const;

 private:
  Variations(Scenario base, std::uint64_t seed) : base_(std::move(base)), seed_(seed) {}

  Result<void> read_tape();
  TapeWindow draw_window(Scenario& scenario, Random& random) const;
  void draw_rate(Scenario& scenario, const TapeWindow& window, Random& random) const;
  void draw_from_arsenal(Variation& variation, Random& random) const;
  void draw_own(Variation& variation, Random& random) const;

  Scenario base_;
  std::uint64_t seed_;
  std::vector<const Trouble*> arsenal_;  // empty: the scenario's own stages and faults
  bool named_ = false;                   // the user named them, and wants to see them often
  std::vector<Duration> due_;            // of the tape's messages
};

}  // namespace autotape
