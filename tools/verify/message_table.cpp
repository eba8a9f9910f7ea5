#include "verify/message_table.hpp"

#include <algorithm>

namespace autotape {
namespace {

// Slots for each message: more would cost memory, fewer longer searches.
constexpr double room_when_reserved = 1.8;
constexpr double room_after_growth = 2.0;
constexpr double fullest = 0.8;

}  // namespace

MessageTable::MessageTable(std::uint64_t expected)
    : slots_(static_cast<std::size_t>(static_cast<double>(std::max<std::uint64_t>(expected, 16)) *
                                      room_when_reserved),
             empty) {}

std::uint64_t MessageTable::home_of(const Fingerprint& id) const {
  // The upper half of a 128-bit product maps 64 random bits to any number of slots, evenly.
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(id.low) * slots_.size()) >> 64);
}

std::uint64_t MessageTable::slot_of(const Fingerprint& id) const {
  std::uint64_t slot = home_of(id);
  while (slots_[slot] != empty && entry(slots_[slot] - 1).id != id) {
    slot = slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  return slot;
}

MessageState* MessageTable::find(const Fingerprint& id) {
  const std::uint32_t ordinal = slots_[slot_of(id)];
  return ordinal == empty ? nullptr : &entry(ordinal - 1);
}

MessageState& MessageTable::at(const Fingerprint& id) {
  std::uint64_t slot = slot_of(id);
  if (slots_[slot] != empty) {
    return entry(slots_[slot] - 1);
  }
  if (static_cast<double>(size_ + 1) > static_cast<double>(slots_.size()) * fullest) {
    grow();
    slot = slot_of(id);
  }
  if (size_ % block_size == 0) {
    blocks_.push_back(std::make_unique<MessageState[]>(block_size));
  }
  MessageState& added = entry(size_);
  added.id = id;
  slots_[slot] = static_cast<std::uint32_t>(++size_);
  return added;
}

void MessageTable::grow() {
  const auto wanted = static_cast<std::size_t>(static_cast<double>(size_ + 1) * room_after_growth);
  slots_ = {};  // the old index goes first: entries alone are enough to make the new one
  slots_.assign(wanted, empty);
  for (std::uint64_t ordinal = 0; ordinal < size_; ++ordinal) {
    slots_[slot_of(entry(ordinal).id)] = static_cast<std::uint32_t>(ordinal + 1);
  }
}

void MessageTable::for_each(const std::function<void(const MessageState&)>& visit) const {
  for (std::uint64_t ordinal = 0; ordinal < size_; ++ordinal) {
    visit(entry(ordinal));
  }
}

std::uint64_t MessageTable::memory() const {
  return blocks_.size() * (block_size * sizeof(MessageState) + sizeof(blocks_[0])) +
         slots_.capacity() * sizeof(slots_[0]);
}

}  // namespace autotape
