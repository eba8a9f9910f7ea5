// When cars said nothing: gaps between their readings, by the readings' own time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/flat_table.hpp"
#include "core/time.hpp"
#include "core/time_difference.hpp"

namespace autotape {

// The result does not depend on the order in which readings come: one that comes late closes the
// gap that it falls into, or makes two of it. Takes some 100 bytes for each car, and 16 for each
// gap.
class CarGaps {
 public:
  struct Summary {
    std::uint64_t count = 0;
    Duration longest{0};
    std::string car;  // of the longest
    std::optional<DataTime> longest_from;
  };

  // Only what is longer than `shortest` is a gap.
  explicit CarGaps(Duration shortest) : shortest_(shortest) {}

  void add(std::uint64_t car_hash, std::string_view car, DataTime reading);

  Summary summary() const;

 private:
  struct Gap {
    DataTime from;
    DataTime to;
  };
  struct Car {
    std::string name;
    DataTime oldest;
    DataTime newest;
    std::vector<Gap> gaps;  // by time
  };

  bool is_gap(DataTime from, DataTime to) const { return time_between(from, to) > shortest_; }
  void split(Car& car, DataTime reading) const;

  Duration shortest_;
  FlatTable<std::uint32_t> place_by_hash_;
  std::vector<Car> cars_;
};

}  // namespace autotape
