#include "run/search/strength.hpp"

#include <algorithm>
#include <cmath>

namespace autotape {
namespace {

double draw_magnitude(Random& random, double least, double most) {
  return least * std::pow(most / least, random.uniform());
}

double round_to_two_digits(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
  return std::round(value / unit) * unit;
}

}  // namespace

double draw_share(Random& random, double least, double most) {
  return std::min(round_to_two_digits(draw_magnitude(random, least, most)), 1.0);
}

Duration draw_duration(Random& random, Duration least, Duration most) {
  if (least >= most) {
    return least;
  }
  const double nanoseconds = round_to_two_digits(draw_magnitude(
      random, static_cast<double>(least.count()), static_cast<double>(most.count())));
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

std::uint64_t draw_count(Random& random, std::uint64_t least, std::uint64_t most) {
  if (least >= most) {
    return least;
  }
  const double count =
      draw_magnitude(random, static_cast<double>(least), static_cast<double>(most) + 1);
  return std::clamp(static_cast<std::uint64_t>(count), least, most);
}

}  // namespace autotape
