// Which readings a car makes at which moment.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "generate/signal.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

// A property that a fleet reports.
struct Reported {
  const Capability* capability = nullptr;
  const Property* property = nullptr;
  const Signal* signal = nullptr;  // null: the simulation does not know it
};

class ReadingSchedule {
 public:
  using List = std::vector<std::uint16_t>;  // indices into reported()

  // `properties` as in FleetSettings.
  static Result<ReadingSchedule> create(const std::vector<std::string>& properties);

  // By capability and property.
  const std::vector<Reported>& reported() const { return reported_; }

  // Sorted.
  const List& due(const CarState& car) const;

 private:
  struct OfPowertrain {
    std::array<std::array<List, schedule_length>, phase_count> by_step;
    std::array<List, car_event_count> by_event;
  };

  void add_to_lists(std::uint16_t index);

  std::vector<Reported> reported_;
  std::array<OfPowertrain, powertrain_count> lists_;
};

}  // namespace autotape
