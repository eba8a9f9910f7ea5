// What is known of each distinct message, in the order in which it was first seen.
//
// 40 bytes for each message and 4 to 16 bytes of index: at most 64 in all when the number of
// messages is known beforehand, as it is from the plan. At most 2^32 - 1 messages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "verify/fingerprint.hpp"

namespace autotape {

// Counts stop at their greatest value instead of starting again.
struct MessageState {
  enum Flag : std::uint16_t {
    planned = 1,           // the plan has it
    valid = 2,             // with a content that a consumer must handle
    corrupted = 4,         // with a content that it must not apply
    several_contents = 8,  // same id, different content
    repeats_reading = 16,  // its readings came before with another id
    rejected = 32,         // the consumer refused it
    may_be_dropped = 64,   // late beyond what the consumer must wait for
    doubtful = 128,        // with a broken content that it may apply or leave out
    session_lost = 256,    // published to a session that the consumer threw away
    acknowledged = 512,    // the consumer's PUBACK of a delivery came
  };

  Fingerprint id;
  std::uint32_t first_delivery = 0;  // number of it among the deliveries to the consumer
  std::uint32_t first_due = 0;       // milliseconds of the plan
  std::uint32_t content = 0;         // hash of the first payload
  std::uint32_t delivered_at = 0;    // Ticks: of the first delivery
  std::uint16_t deliveries = 0;      // to the consumer, without redeliveries
  std::uint16_t handled = 0;
  std::uint8_t redeliveries = 0;  // with DUP, by the broker
  std::uint8_t contents = 0;      // how many different payloads, as far as the plan has them
  std::uint16_t flags = 0;

  bool is(Flag flag) const { return (flags & flag) != 0; }
  void set(Flag flag) { flags = static_cast<std::uint16_t>(flags | flag); }
};
static_assert(sizeof(MessageState) == 40);

template <typename Count>
void count_one(Count& count) {
  count = static_cast<Count>(count + (count != static_cast<Count>(-1) ? 1 : 0));
}

class MessageTable {
 public:
  // `expected` messages fit without growing.
  explicit MessageTable(std::uint64_t expected = 0);

  // The state of a message; a new one if it was never seen. Valid until the table is destroyed.
  MessageState& at(const Fingerprint& id);

  // Nothing if it was never seen.
  MessageState* find(const Fingerprint& id);

  // Begins to fetch what at(id) will read. Most of the time of at() is waiting for memory: with a
  // few other calls between the two that wait is over when at() comes.
  void prefetch(const Fingerprint& id) const { __builtin_prefetch(&slots_[home_of(id)]); }

  std::uint64_t size() const { return size_; }

  // In the order in which they were first seen.
  void for_each(const std::function<void(const MessageState&)>& visit) const;

  std::uint64_t memory() const;  // bytes

 private:
  // Entries never move: they lie in blocks, and no block is copied when the table grows.
  static constexpr std::uint64_t block_size = 1024;

  // Where in the entries a message is, and enough of its id to pass by others without a look at
  // them.
  struct Slot {
    std::uint32_t ordinal = 0;  // plus 1; 0: empty
    std::uint32_t tag = 0;
  };

  MessageState& entry(std::uint64_t ordinal) const {
    return blocks_[ordinal / block_size][ordinal % block_size];
  }
  // Zeroed memory in large pages where the system has them: an index of millions of slots is used
  // at random, and small pages would cost a second cache miss for each.
  class Slots {
   public:
    explicit Slots(std::uint64_t count);
    ~Slots();
    Slots(Slots&& other) noexcept;
    Slots& operator=(Slots&& other) noexcept;

    Slot& operator[](std::uint64_t i) const { return memory_[i]; }
    std::uint64_t size() const { return count_; }

   private:
    Slot* memory_ = nullptr;
    std::uint64_t count_ = 0;
  };

  static std::uint32_t tag_of(const Fingerprint& id) { return static_cast<std::uint32_t>(id.high); }
  bool is_next(const Fingerprint& id) const { return next_ < size_ && entry(next_).id == id; }
  std::uint64_t home_of(const Fingerprint& id) const;
  std::uint64_t slot_of(const Fingerprint& id) const;
  MessageState& add(const Fingerprint& id);
  void grow();

  std::vector<std::unique_ptr<MessageState[]>> blocks_;
  Slots slots_;  // linear probing
  std::uint64_t size_ = 0;
  std::uint64_t next_ = 0;  // behind the entry that was asked for last
};

}  // namespace autotape
