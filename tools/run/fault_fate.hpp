// What became of a fault of a scenario.
#pragma once

#include <string>

namespace autotape {

struct FaultFate {
  bool struck = true;
  std::string why_not{};  // "the stream ended before", where it did not
  std::string lifted{};   // "the stream had ended", when it was still on and was taken back
};

}  // namespace autotape
