#include "schema/name_table.hpp"

#include <bit>
#include <string>

namespace autotape {
namespace {

constexpr std::size_t word = 8;

std::string padded(std::string_view name) {
  std::string copy(name);
  copy.append(name_table_padding, '\0');
  return copy;
}

}  // namespace

NameTable::NameTable(std::span<const std::string_view> names) {
  if (names.empty()) {
    return;
  }
  const std::size_t size = std::bit_ceil(names.size() * 4);
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(size));
  slots_.resize(size);

  // Any odd multiplier will do; one under which no two names share a slot makes each search one
  // step.
  constexpr int most_tries = 400;
  std::uint64_t best = 0;
  std::size_t fewest = names.size();
  std::uint64_t candidate = 0x9E3779B97F4A7C15U;
  for (int i = 0; i < most_tries && fewest > 0; ++i) {
    multiplier_ = candidate | 1U;
    if (const std::size_t found = collisions(names); best == 0 || found < fewest) {
      fewest = found;
      best = multiplier_;
    }
    candidate = candidate * 6364136223846793005U + 1442695040888963407U;
  }
  multiplier_ = best;
  fill(names);
}

std::size_t NameTable::collisions(std::span<const std::string_view> names) const {
  std::vector<bool> taken(slots_.size());
  std::size_t count = 0;
  for (const std::string_view name : names) {
    const std::size_t slot = hash(padded(name).data(), name.size());
    count += taken[slot] ? 1U : 0U;
    taken[slot] = true;
  }
  return count;
}

void NameTable::fill(std::span<const std::string_view> names) {
  slots_.resize(slots_.size() + names.size() + 1);  // room to go on behind the last slot
  for (std::uint32_t index = 0; index < names.size(); ++index) {
    const std::string_view name = names[index];
    std::size_t slot = hash(padded(name).data(), name.size());
    while (slots_[slot].index != none) {
      ++slot;
    }
    slots_[slot] = {static_cast<std::uint32_t>(characters_.size()),
                    static_cast<std::uint32_t>(name.size()), index};
    characters_.insert(characters_.end(), name.begin(), name.end());
    characters_.resize((characters_.size() + 2 * word - 1) / word * word);
  }
}

}  // namespace autotape
