// A map from 64-bit hashes to small values in a few blocks of memory.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace autotape {

// The value of a table that only tells whether something is in it.
struct NoValue {};

// Open addressing with linear probing: 8 bytes and the value for each slot, of which more than two
// thirds are used once there are many. The hash itself is the key: of n distinct texts, two share
// one with a probability of about n² / 2^65 (three in a million for ten million texts).
//
// A table with many `parts` (a power of two) grows a part at a time: it never needs the memory of
// an old and a new table at once.
template <typename Value, std::size_t parts = 1>
class FlatTable {
 public:
  // The value of `hash`, and whether it was not there before (it is then value-initialised). The
  // pointer is valid until the next call.
  std::pair<Value*, bool> find_or_add(std::uint64_t hash) {
    Part& part = parts_[part_of(hash)];
    if ((part.size + 1) * 8 > part.slots.size() * 7) {
      grow(part);
    }
    Slot& slot = slot_of(part, hash);
    const bool added = slot.key == empty_key;
    if (added) {
      slot.key = key_of(hash);
      ++part.size;
    }
    return {&slot.value, added};
  }

  const Value* find(std::uint64_t hash) const {
    Part& part = const_cast<FlatTable*>(this)->parts_[part_of(hash)];
    if (part.slots.empty()) {
      return nullptr;
    }
    const Slot& slot = slot_of(part, hash);
    return slot.key == empty_key ? nullptr : &slot.value;
  }

  std::size_t size() const {
    std::size_t size = 0;
    for (const Part& part : parts_) {
      size += part.size;
    }
    return size;
  }

  std::size_t memory() const {  // bytes
    std::size_t slots = 0;
    for (const Part& part : parts_) {
      slots += part.slots.size();
    }
    return slots * sizeof(Slot);
  }

 private:
  static_assert(std::has_single_bit(parts));
  static constexpr unsigned part_bits = std::countr_zero(parts);
  static constexpr std::uint64_t empty_key = 0;
  static constexpr std::size_t few_slots = 1024;

  struct Slot {
    std::uint64_t key = empty_key;
    [[no_unique_address]] Value value{};
  };

  struct Part {
    std::vector<Slot> slots;
    std::size_t size = 0;
  };

  static std::uint64_t key_of(std::uint64_t hash) { return hash == empty_key ? 1 : hash; }

  static std::uint64_t mixed(std::uint64_t hash) { return key_of(hash) * 0x9E3779B97F4A7C15U; }

  static std::size_t part_of(std::uint64_t hash) {
    if constexpr (parts == 1) {
      return 0;
    } else {
      return mixed(hash) >> (64U - part_bits);
    }
  }

  // The upper bits, scaled to the number of slots, tell where to look first.
  static Slot& slot_of(Part& part, std::uint64_t hash) {
    __extension__ using Wide = unsigned __int128;
    const std::uint64_t key = key_of(hash);
    const std::size_t count = part.slots.size();
    auto at = static_cast<std::size_t>(Wide{mixed(hash) << part_bits} * count >> 64U);
    while (part.slots[at].key != key && part.slots[at].key != empty_key) {
      at = at + 1 == count ? 0 : at + 1;
    }
    return part.slots[at];
  }

  static void grow(Part& part) {
    const std::size_t count = part.slots.size();
    std::vector<Slot> old(count == 0 ? 8 : count < few_slots ? count * 2 : count + count / 4);
    old.swap(part.slots);
    for (Slot& slot : old) {
      if (slot.key != empty_key) {
        slot_of(part, slot.key) = std::move(slot);
      }
    }
  }

  std::array<Part, parts> parts_;
};

}  // namespace autotape
