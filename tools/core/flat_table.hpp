// A map from 64-bit hashes to small values in one block of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace autotape {

// Open addressing with linear probing, at most 7/8 full: 8 bytes and the value for each slot. The
// hash itself is the key: of n distinct texts, two share one with a probability of about n² / 2^65
// (three in a million for ten million texts).
template <typename Value>
class FlatTable {
 public:
  // The value of `hash`, and whether it was not there before (it is then value-initialised). The
  // pointer is valid until the next call.
  std::pair<Value*, bool> find_or_add(std::uint64_t hash) {
    if ((size_ + 1) * 8 > slots_.size() * 7) {
      grow();
    }
    Slot& slot = slot_of(hash);
    const bool added = slot.key == empty_key;
    if (added) {
      slot.key = key_of(hash);
      ++size_;
    }
    return {&slot.value, added};
  }

  const Value* find(std::uint64_t hash) const {
    if (slots_.empty()) {
      return nullptr;
    }
    const Slot& slot = const_cast<FlatTable*>(this)->slot_of(hash);
    return slot.key == empty_key ? nullptr : &slot.value;
  }

  std::size_t size() const { return size_; }
  std::size_t memory() const { return slots_.size() * sizeof(Slot); }  // bytes

 private:
  static constexpr std::uint64_t empty_key = 0;

  struct Slot {
    std::uint64_t key = empty_key;
    Value value{};
  };

  static std::uint64_t key_of(std::uint64_t hash) { return hash == empty_key ? 1 : hash; }

  Slot& slot_of(std::uint64_t hash) {
    const std::uint64_t key = key_of(hash);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(key * 0x9E3779B97F4A7C15U >> 17U) & mask;
    while (slots_[at].key != key && slots_[at].key != empty_key) {
      at = (at + 1) & mask;
    }
    return slots_[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.key != empty_key) {
        slot_of(slot.key) = std::move(slot);
      }
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace autotape
