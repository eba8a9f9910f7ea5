// Measures how a recorded stream misbehaves, so that another can be made like it.
#pragma once

#include <string>

#include "core/result.hpp"
#include "shape/shape.hpp"

namespace autotape {

struct Likeness {
  double share_of_duplicates = 0;   // of the messages, published again with the same message_id
  DurationDistribution distance{};  // of a duplicate from the time before, in received time
  double share_late = 0;            // of the messages, with a reading that newer ones overtook
  DurationDistribution lateness{};  // of those
};

// Reads the whole tape; holds a time for each distinct message_id.
Result<Likeness> measure_likeness(const std::string& tape);

// Appends a stage for the duplicates and one for the late messages.
void add_likeness(Shape& shape, const Likeness& likeness, const Match& match);

}  // namespace autotape
