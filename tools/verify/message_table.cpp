#include "verify/message_table.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace autotape {
namespace {

// Slots for each message: more would cost memory, fewer longer searches.
constexpr double room_when_reserved = 1.6;
constexpr double room_after_growth = 2.0;
constexpr double fullest = 0.8;

}  // namespace

MessageTable::Slots::Slots(std::uint64_t count) : count_(count) {
  if (count == 0) {
    return;
  }
  void* const memory = ::mmap(nullptr, count * sizeof(Slot), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  ::madvise(memory, count * sizeof(Slot), MADV_HUGEPAGE);  // a wish: small pages do as well
  memory_ = static_cast<Slot*>(memory);
}

MessageTable::Slots::~Slots() {
  if (memory_ != nullptr) {
    ::munmap(memory_, count_ * sizeof(Slot));
  }
}

MessageTable::Slots::Slots(Slots&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), count_(std::exchange(other.count_, 0)) {}

MessageTable::Slots& MessageTable::Slots::operator=(Slots&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(count_, other.count_);
  return *this;
}

MessageTable::MessageTable(std::uint64_t expected)
    : slots_(static_cast<std::size_t>(static_cast<double>(std::max<std::uint64_t>(expected, 16)) *
                                      room_when_reserved)) {}

std::uint64_t MessageTable::home_of(const Fingerprint& id) const {
  // The upper half of a 128-bit product maps 64 random bits to any number of slots, evenly.
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(id.low) * slots_.size()) >> 64);
}

std::uint64_t MessageTable::slot_of(const Fingerprint& id) const {
  const std::uint32_t tag = tag_of(id);
  std::uint64_t slot = home_of(id);
  while (slots_[slot].ordinal != 0 &&
         (slots_[slot].tag != tag || entry(slots_[slot].ordinal - 1).id != id)) {
    slot = slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  return slot;
}

MessageState* MessageTable::find(const Fingerprint& id) {
  if (is_next(id)) {
    return &entry(next_++);
  }
  const std::uint32_t ordinal = slots_[slot_of(id)].ordinal;
  if (ordinal == 0) {
    return nullptr;
  }
  next_ = ordinal;
  return &entry(ordinal - 1);
}

MessageState& MessageTable::at(const Fingerprint& id) {
  MessageState* const known = find(id);
  return known != nullptr ? *known : add(id);
}

MessageState& MessageTable::add(const Fingerprint& id) {
  if (static_cast<double>(size_ + 1) > static_cast<double>(slots_.size()) * fullest) {
    grow();
  }
  if (size_ % block_size == 0) {
    blocks_.push_back(std::make_unique<MessageState[]>(block_size));
  }
  MessageState& added = entry(size_);
  added.id = id;
  slots_[slot_of(id)] = {static_cast<std::uint32_t>(++size_), tag_of(id)};
  next_ = size_;
  return added;
}

void MessageTable::grow() {
  const auto wanted = static_cast<std::size_t>(static_cast<double>(size_ + 1) * room_after_growth);
  slots_ = Slots(0);  // the old index goes first: the entries alone are enough to make the new one
  slots_ = Slots(wanted);
  for (std::uint64_t ordinal = 0; ordinal < size_; ++ordinal) {
    const Fingerprint& id = entry(ordinal).id;
    slots_[slot_of(id)] = {static_cast<std::uint32_t>(ordinal + 1), tag_of(id)};
  }
}

void MessageTable::for_each(const std::function<void(const MessageState&)>& visit) const {
  for (std::uint64_t ordinal = 0; ordinal < size_; ++ordinal) {
    visit(entry(ordinal));
  }
}

std::uint64_t MessageTable::memory() const {
  return blocks_.size() * (block_size * sizeof(MessageState) + sizeof(blocks_[0])) +
         slots_.size() * sizeof(Slot);
}

}  // namespace autotape
