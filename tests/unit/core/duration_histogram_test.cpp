#include "core/duration_histogram.hpp"

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

TEST_CASE("Quantiles are at most a sixteenth too large") {
  DurationHistogram histogram;
  for (int i = 1; i <= 1000; ++i) {
    histogram.add(i * 1us);
  }
  for (const double share : {0.01, 0.5, 0.9, 0.99}) {
    const Duration exact = Duration(static_cast<std::int64_t>(share * 1e6));
    CHECK(histogram.quantile(share) >= exact);
    CHECK(histogram.quantile(share) <= exact + exact / 15);
  }
  CHECK(histogram.quantile(1) == 1ms);
  CHECK(histogram.greatest() == 1ms);
}

TEST_CASE("Small and huge durations have a place, negative ones count as zero") {
  DurationHistogram histogram;
  histogram.add(-5ns);
  CHECK(histogram.quantile(1) == 0ns);
  histogram.add(Duration::max());
  CHECK(histogram.greatest() == Duration::max());
  CHECK(histogram.quantile(0.5) == 0ns);
}

TEST_CASE("Without durations there is no quantile but zero") {
  CHECK(DurationHistogram().quantile(0.5) == 0ns);
}
