// A tape's records by time, however large it is.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

enum class SortBy {
  received,  // when the recorder received it
  data,      // when the newest reading in it was made; received time where no reading says
};

struct SortLimits {
  std::size_t memory = std::size_t{24} << 20U;  // bytes of records that are held at a time
  std::string folder;  // for what does not fit: as much space as the records take, uncompressed

  // Called after each record that is read; false stops, as if the tape ended there.
  std::function<bool()> go_on{};
};

// Reads all of `tape`, and gives its records by time; those of one time, and markers among them, in
// the order of the tape. What does not fit into memory is sorted in pieces, kept in a file that has
// no name and vanishes with the reader, and merged.
Result<std::unique_ptr<TapeReader>> sort_tape(TapeReader& tape, SortBy by,
                                              const SortLimits& limits);

}  // namespace autotape
