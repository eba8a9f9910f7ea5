#include "run/search/minimize.hpp"

#include <algorithm>

namespace autotape {
namespace {

// Chunks of one size that are tried in vain before smaller ones are.
constexpr std::size_t most_misses = 6;

std::vector<std::size_t> without(const std::vector<std::size_t>& parts, std::size_t first,
                                 std::size_t count) {
  std::vector<std::size_t> rest(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(first));
  rest.insert(rest.end(), parts.begin() + static_cast<std::ptrdiff_t>(first + count), parts.end());
  return rest;
}

}  // namespace

Minimum minimize(std::vector<std::size_t> parts, const StillFails& still_fails) {
  for (std::size_t size = std::max<std::size_t>(parts.size() / 2, 1); !parts.empty(); size /= 2) {
    size = std::min(size, parts.size());
    std::size_t place = 0;
    std::size_t misses = 0;
    std::size_t in_vain = 0;  // parts that were tried since something was taken away last
    while (in_vain < parts.size() && (size == 1 || misses < most_misses)) {
      place = place >= parts.size() ? 0 : place;
      const std::size_t count = std::min(size, parts.size() - place);
      std::vector<std::size_t> rest = without(parts, place, count);
      const auto fails = still_fails(rest);
      if (!fails) {
        return {std::move(parts), false};
      }
      if (*fails) {
        parts = std::move(rest);
        in_vain = 0;
      } else {
        place += count;
        in_vain += count;
        ++misses;
      }
    }
    if (size == 1) {
      break;
    }
  }
  return {std::move(parts), true};
}

}  // namespace autotape
