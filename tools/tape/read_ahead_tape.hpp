// Reading a tape in a thread of its own, ahead of whoever takes its records.
#pragma once

#include <memory>

#include "tape/reader.hpp"

namespace autotape {

// Gives the same records. The damage is that of what was given only at the end.
std::unique_ptr<TapeReader> read_tape_ahead(std::unique_ptr<TapeReader> tape);

}  // namespace autotape
