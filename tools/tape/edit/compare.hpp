// Do two tapes hold the same messages?
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

struct CompareRules {
  bool received_times = true;         // must be the same, too
  bool markers = false;               // the same
  std::size_t most_differences = 10;  // that are described
  std::size_t window = 1000;          // messages that are looked ahead for one that is missing
  std::size_t window_bytes = std::size_t{8} << 20U;  // of each tape: large ones fill it sooner

  // Called after each step; false stops, and what was compared so far is given.
  std::function<bool()> go_on{};
};

// Where the tapes part: at message `a` of the first and `b` of the second (the first of a tape is
// 1).
struct TapeDifference {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::string what;  // one line
};

struct Comparison {
  std::uint64_t messages_a = 0;
  std::uint64_t messages_b = 0;
  std::uint64_t same = 0;
  std::uint64_t only_a = 0;  // messages without a partner in the order of the tapes
  std::uint64_t only_b = 0;
  std::uint64_t changed = 0;                // pairs that differ
  std::vector<TapeDifference> differences;  // the first ones

  // Nothing but the order differs: each message is as often on one tape as on the other.
  bool same_in_another_order = false;

  bool equal() const { return only_a == 0 && only_b == 0 && changed == 0; }
};

// Reads both in step, in constant memory.
Result<Comparison> compare_tapes(TapeReader& a, TapeReader& b, const CompareRules& rules);

}  // namespace autotape
