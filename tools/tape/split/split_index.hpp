// A recording in parts, and the one index over them.
//
//   commute.mcap → commute.0001.mcap, commute.0002.mcap, … and commute.parts.json
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace autotape {

struct TapePart {
  std::string file;  // beside the index
  std::uint64_t messages = 0;
  std::uint64_t size = 0;  // bytes
  std::optional<ReceivedTime> first;
  std::optional<ReceivedTime> last;
};

// The last part may still be written to: its counts are then of when it was begun or resumed.
struct SplitIndex {
  std::vector<TapePart> parts;
};

std::string split_index_path(const std::string& tape_path);
std::string split_part_path(const std::string& tape_path, std::size_t number);  // the first is 1

// The parts that are there, in their order, whether or not an index names them.
std::vector<std::string> existing_parts(const std::string& tape_path);

// Nothing if there is none.
Result<std::optional<SplitIndex>> read_split_index(const std::string& tape_path);
Result<void> write_split_index(const std::string& tape_path, const SplitIndex& index);

}  // namespace autotape
