// What a car of a synthetic fleet reports, how often, and what it writes.
#pragma once

#include <span>
#include <string_view>

#include "generate/car.hpp"
#include "generate/reading_text.hpp"

namespace autotape {

// Bits by CarEvent.
constexpr unsigned at(CarEvent event) {
  return 1U << static_cast<unsigned>(event);
}

enum class Equipment { all, combustion, electric };

struct Signal {
  std::string_view capability;
  std::string_view property;
  Equipment equipment = Equipment::all;

  // How many steps of the phase lie between two readings; 0: none. Divides schedule_length.
  unsigned while_driving = 0;
  unsigned while_charging = 0;
  bool while_asleep = false;  // at each heartbeat
  unsigned events = 0;        // a reading follows these at once

  unsigned items = 0;  // of a list property; 0: it is none
  void (*write)(const ReadingText& text) = nullptr;
};

inline constexpr unsigned schedule_length = 120;

// All that the simulation knows, by capability and property.
std::span<const Signal> simulated_signals();

}  // namespace autotape
