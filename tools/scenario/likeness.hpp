// Measures how a recorded stream misbehaves, so that another can be made like it.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "shape/shape.hpp"
#include "tape/reader.hpp"

namespace autotape {

struct Likeness {
  std::uint64_t messages = 0;  // with an envelope, duplicates not counted

  // Of each property that the tape has enough messages of; `others` is that of all messages. What
  // is late is so by data time; its delay is how much longer it took from the car than the
  // quickest message of the same car before it.
  LikeSettings settings;
};

// Reads the whole tape; holds a time for each distinct message_id.
Result<Likeness> measure_likeness(const std::string& tape);
Result<Likeness> measure_likeness(TapeReader& tape);

}  // namespace autotape
