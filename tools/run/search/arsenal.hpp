// What can happen to a stream that behaves: the troubles that a search adds to a plain scenario.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/random.hpp"
#include "core/time.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

// What of a tape is played in one run.
struct TapeWindow {
  std::uint64_t messages = 0;
  Duration span{};  // from the first to the last one, in the tape's time
};

struct Trouble {
  std::string_view name;  // "duplicate", "consumer-kill"
  std::string_view what;  // one line for --help
  double share;           // of the runs, that have it

  // Adds it to the scenario, with a strength that luck decides, which it describes for a person.
  std::string (*add)(Scenario& scenario, const TapeWindow& window, Random& random);
};

// Each of them alone, and all of them together, are what the provider's stream may do: a correct
// consumer survives them.
std::span<const Trouble> arsenal();

}  // namespace autotape
