#include "core/duration_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace autotape {
namespace {

constexpr unsigned fraction_bits = 4;

// Values below 16 have a bucket each; above, the four bits after the leading one choose it.
std::size_t bucket_of(std::uint64_t value) {
  if (value < (1U << fraction_bits)) {
    return value;
  }
  const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1 - fraction_bits;
  return (std::size_t{exponent} << fraction_bits) + static_cast<std::size_t>(value >> exponent);
}

std::uint64_t greatest_in(std::size_t bucket) {
  if (bucket < (2U << fraction_bits)) {
    return bucket;
  }
  const std::size_t exponent = (bucket >> fraction_bits) - 1;
  const std::uint64_t first = (bucket & ((1U << fraction_bits) - 1)) + (1U << fraction_bits);
  return ((first + 1) << exponent) - 1;
}

}  // namespace

void DurationHistogram::add(Duration duration) {
  const Duration counted = std::max(duration, Duration(0));
  ++buckets_[bucket_of(static_cast<std::uint64_t>(counted.count()))];
  ++count_;
  greatest_ = std::max(greatest_, counted);
}

Duration DurationHistogram::quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted && seen > 0) {
      return std::min(Duration(static_cast<std::int64_t>(greatest_in(bucket))), greatest_);
    }
  }
  return greatest_;
}

}  // namespace autotape
