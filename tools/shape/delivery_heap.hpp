// Deliveries that wait, given in the order of a key.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "shape/delivery.hpp"

namespace autotape {

// A binary heap of keys; the deliveries themselves stay where they are. Keys must differ, so that
// the order is the same on every machine.
template <typename Key>
class DeliveryHeap {
 public:
  bool empty() const { return heap_.empty(); }
  const Key& first_key() const { return heap_.front().key; }

  void push(Key key, Delivery delivery) {
    heap_.push_back({std::move(key), slot_for(std::move(delivery))});
    std::push_heap(heap_.begin(), heap_.end(), comes_later);
  }

  // The delivery with the least key.
  Delivery pop() {
    std::pop_heap(heap_.begin(), heap_.end(), comes_later);
    const std::uint32_t slot = heap_.back().slot;
    heap_.pop_back();
    free_slots_.push_back(slot);
    return std::move(deliveries_[slot]);
  }

 private:
  struct Entry {
    Key key;
    std::uint32_t slot;
  };

  static bool comes_later(const Entry& a, const Entry& b) { return a.key > b.key; }

  std::uint32_t slot_for(Delivery delivery) {
    if (free_slots_.empty()) {
      deliveries_.push_back(std::move(delivery));
      return static_cast<std::uint32_t>(deliveries_.size() - 1);
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    deliveries_[slot] = std::move(delivery);
    return slot;
  }

  std::vector<Entry> heap_;
  std::vector<Delivery> deliveries_;
  std::vector<std::uint32_t> free_slots_;  // of deliveries_
};

}  // namespace autotape
