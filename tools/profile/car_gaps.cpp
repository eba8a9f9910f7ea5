#include "profile/car_gaps.hpp"

#include <algorithm>

namespace autotape {

void CarGaps::add(std::uint64_t car_hash, std::string_view name, DataTime reading) {
  const auto [place, is_new] = place_by_hash_.find_or_add(car_hash);
  if (is_new) {
    *place = static_cast<std::uint32_t>(cars_.size());
    cars_.push_back({std::string(name), reading, reading, {}});
    return;
  }
  Car& car = cars_[*place];
  if (reading > car.newest) {
    if (is_gap(car.newest, reading)) {
      car.gaps.push_back({car.newest, reading});
    }
    car.newest = reading;
  } else if (reading < car.oldest) {
    if (is_gap(reading, car.oldest)) {
      car.gaps.insert(car.gaps.begin(), {reading, car.oldest});
    }
    car.oldest = reading;
  } else if (!car.gaps.empty()) {
    split(car, reading);
  }
}

void CarGaps::split(Car& car, DataTime reading) const {
  const auto gap = std::partition_point(car.gaps.begin(), car.gaps.end(),
                                        [&](const Gap& one) { return one.to <= reading; });
  if (gap == car.gaps.end() || gap->from >= reading) {
    return;
  }
  const Gap before{gap->from, reading};
  const Gap after{reading, gap->to};
  auto place = car.gaps.erase(gap);
  if (is_gap(after.from, after.to)) {
    place = car.gaps.insert(place, after);
  }
  if (is_gap(before.from, before.to)) {
    car.gaps.insert(place, before);
  }
}

CarGaps::Summary CarGaps::summary() const {
  Summary summary;
  for (const Car& car : cars_) {
    summary.count += car.gaps.size();
    for (const Gap& gap : car.gaps) {
      if (const Duration length = time_between(gap.from, gap.to); length > summary.longest) {
        summary.longest = length;
        summary.longest_from = gap.from;
        summary.car = car.name;
      }
    }
  }
  return summary;
}

}  // namespace autotape
