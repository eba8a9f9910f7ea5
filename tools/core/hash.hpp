// 64-bit hashes of texts and of combinations, the same within one run of the program.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace autotape {

inline std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

// Depends on the order of its arguments.
inline std::uint64_t combine_hashes(std::uint64_t first, std::uint64_t second) {
  std::uint64_t mixed = first * 0x9E3779B97F4A7C15U + second;
  mixed = (mixed ^ (mixed >> 32U)) * 0xD6E8FEB86659FD93U;
  return mixed ^ (mixed >> 32U);
}

}  // namespace autotape
