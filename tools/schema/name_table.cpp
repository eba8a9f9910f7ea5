#include "schema/name_table.hpp"

#include <algorithm>
#include <bit>

namespace autotape {
namespace {

constexpr std::size_t word = 8;

}  // namespace

NameTable::NameTable(std::span<const std::string_view> names) {
  if (names.empty()) {
    return;
  }
  const std::size_t size = std::bit_ceil(names.size() * 4);
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(size));
  std::vector<Slot> kept;
  std::vector<std::uint64_t> keys;
  for (std::uint32_t index = 0; index < names.size(); ++index) {
    kept.push_back(keep(names[index], index));
    keys.push_back(key_of(&characters_[kept.back().offset], kept.back().length));
  }

  // Any odd multiplier will do; one under which no two names share a slot makes each search one
  // step.
  constexpr int most_tries = 400;
  std::uint64_t best = 0;
  std::size_t fewest = names.size();
  std::uint64_t candidate = 0x9E3779B97F4A7C15U;
  std::vector<char> taken(size);
  for (int i = 0; i < most_tries && fewest > 0; ++i) {
    multiplier_ = candidate | 1U;
    if (const std::size_t found = collisions(keys, taken); best == 0 || found < fewest) {
      fewest = found;
      best = multiplier_;
    }
    candidate = candidate * 6364136223846793005U + 1442695040888963407U;
  }
  multiplier_ = best;

  slots_.resize(size + names.size() + 1);  // room to go on behind the last slot
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::size_t slot = slot_of(keys[i]);
    while (slots_[slot].index != none) {
      ++slot;
    }
    slots_[slot] = kept[i];
  }
}

// Copies the name, padded with zeros to a word more than it needs.
NameTable::Slot NameTable::keep(std::string_view name, std::uint32_t index) {
  const Slot slot = {static_cast<std::uint32_t>(characters_.size()),
                     static_cast<std::uint32_t>(name.size()), index};
  characters_.insert(characters_.end(), name.begin(), name.end());
  characters_.resize((characters_.size() + 2 * word - 1) / word * word);
  return slot;
}

std::size_t NameTable::collisions(std::span<const std::uint64_t> keys,
                                  std::vector<char>& taken) const {
  std::fill(taken.begin(), taken.end(), 0);
  std::size_t count = 0;
  for (const std::uint64_t key : keys) {
    char& slot = taken[slot_of(key)];
    count += static_cast<std::size_t>(slot);
    slot = 1;
  }
  return count;
}

}  // namespace autotape
