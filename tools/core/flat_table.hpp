// A map from 64-bit hashes to small values in a few blocks of memory.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace autotape {

// The value of a table that only tells whether something is in it.
struct NoValue {};

// The mixed hash itself is the key: of n distinct texts, two share one with a probability of about
// n² / 2^65 (three in a million for ten million texts).
//
// Open addressing, with the slots in use in the order of their keys: a search for what is not
// there, the usual one, ends at the first greater key, and a table grows by being copied in its
// order. So more than two thirds of the slots, of 8 bytes and the value each, can be in use.
//
// A table with many `parts` (a power of two) grows a part at a time: it never needs the memory of
// an old and a new table at once.
template <typename Value, std::size_t parts = 1>
class FlatTable {
 public:
  // The value of `hash`, and whether it was not there before (it is then value-initialised). The
  // pointer is valid until the next call.
  std::pair<Value*, bool> find_or_add(std::uint64_t hash) {
    const std::uint64_t key = key_of(hash);
    Part& part = parts_[part_of(key)];
    if ((part.size + 1) * 8 > part.places * 7) {
      grow(part);
    }
    const std::size_t at = place_of(part, key);
    const bool added = part.slots[at].key != key;
    if (added) {
      make_room(part, at);
      part.slots[at] = Slot{key, {}};
      ++part.size;
    }
    return {&part.slots[at].value, added};
  }

  const Value* find(std::uint64_t hash) const {
    const std::uint64_t key = key_of(hash);
    const Part& part = parts_[part_of(key)];
    if (part.slots.empty()) {
      return nullptr;
    }
    const Slot& slot = part.slots[place_of(part, key)];
    return slot.key == key ? &slot.value : nullptr;
  }

  // Fetches what find_or_add() of this hash will look at first. A table is larger than the
  // processor's caches: some hashes ahead, memory is there when it is needed.
  // Always inlined: GCC takes a function that only fetches for one without effect and drops the
  // call.
  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const {
    const std::uint64_t key = key_of(hash);
    const Part& part = parts_[part_of(key)];
    if (!part.slots.empty()) {
      __builtin_prefetch(&part.slots[first_place(part, key)], 1);
    }
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
  static constexpr std::size_t few_places = 1024;
  // Slots behind the last place, for keys that find theirs in use; more are added when they are
  // full.
  static constexpr std::size_t spare_slots = 32;

  struct Slot {
    std::uint64_t key = empty_key;
    [[no_unique_address]] Value value{};
  };

  struct Part {
    std::vector<Slot> slots;  // the last one stays empty
    std::size_t places = 0;   // where a key may be looked for first
    std::size_t size = 0;
  };

  static std::uint64_t key_of(std::uint64_t hash) {
    const std::uint64_t mixed = hash * 0x9E3779B97F4A7C15U;  // each hash has a key of its own
    return mixed == empty_key ? 1 : mixed;
  }

  static std::size_t part_of(std::uint64_t key) {
    if constexpr (parts == 1) {
      return 0;
    } else {
      return key >> (64U - part_bits);
    }
  }

  // The upper bits, scaled to the number of places.
  static std::size_t first_place(const Part& part, std::uint64_t key) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(Wide{key << part_bits} * part.places >> 64U);
  }

  // Of the key, or where it is to be put.
  static std::size_t place_of(const Part& part, std::uint64_t key) {
    std::size_t at = first_place(part, key);
    while (part.slots[at].key < key && part.slots[at].key != empty_key) {
      ++at;
    }
    return at;
  }

  // Moves what is in the way one slot on.
  static void make_room(Part& part, std::size_t at) {
    std::size_t free = at;
    while (part.slots[free].key != empty_key) {
      ++free;
    }
    keep_last_empty(part, free);
    const auto begin = part.slots.begin();
    std::move_backward(begin + static_cast<std::ptrdiff_t>(at),
                       begin + static_cast<std::ptrdiff_t>(free),
                       begin + static_cast<std::ptrdiff_t>(free + 1));
  }

  static void keep_last_empty(Part& part, std::size_t used) {
    if (used + 1 == part.slots.size()) {
      part.slots.reserve(part.slots.size() + spare_slots);  // exactly: resize() doubles
      part.slots.resize(part.slots.size() + spare_slots);
    }
  }

  static void grow(Part& part) {
    const std::size_t places = part.places;
    part.places = places == 0 ? 8 : places < few_places ? places * 2 : places + places / 4;
    std::vector<Slot> old(part.places + spare_slots);
    old.swap(part.slots);
    std::size_t next = 0;
    for (const Slot& slot : old) {
      if (slot.key != empty_key) {
        next = std::max(next, first_place(part, slot.key));
        keep_last_empty(part, next);
        part.slots[next++] = slot;
      }
    }
  }

  std::array<Part, parts> parts_;
};

}  // namespace autotape
