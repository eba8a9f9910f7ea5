// Delta debugging (after Zeller and Hildebrandt 2002): the parts of a failure that it takes.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace autotape {

// Does it still fail with these parts alone (ascending)? Nothing: stop searching.
using StillFails = std::function<std::optional<bool>(const std::vector<std::size_t>& parts)>;

struct Minimum {
  std::vector<std::size_t> parts;  // ascending; fails
  bool proven = false;             // without any single one of them it does not
};

// Takes chunks away, half of the parts first and single parts last, for as long as it still fails.
// `parts` fails, and is ascending. Where it takes a certain number of parts, whichever they are, as
// with a bounded memory, chunks of one size are given up after a few in vain; each single part is
// tried.
Minimum minimize(std::vector<std::size_t> parts, const StillFails& still_fails);

}  // namespace autotape
