// Which of a fixed set of names is this? Built once, asked millions of times a second.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace autotape {

// Bytes that must be readable behind each text that find() looks at.
inline constexpr std::size_t name_table_padding = 8;

class NameTable {
 public:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  NameTable() = default;

  // The names are copied and must differ. An index is a place in `names`.
  explicit NameTable(std::span<const std::string_view> names);

  // The index of the name of `length` bytes at `text`, or `none`. Reads up to name_table_padding
  // bytes more.
  std::uint32_t find(const char* text, std::size_t length) const {
    if (slots_.empty()) {
      return none;
    }
    const Slot* slot = &slots_[slot_of(key_of(text, length))];
    while (slot->index != none) {
      if (slot->length == length && equal(text, characters_.data() + slot->offset, length)) {
        return slot->index;
      }
      ++slot;  // the table ends in a slot that is empty
    }
    return none;
  }

 private:
  struct Slot {
    std::uint32_t offset = 0;  // into characters_, where each name is padded to whole words
    std::uint32_t length = 0;
    std::uint32_t index = none;
  };

  static std::uint64_t word_at(const char* text) {
    std::uint64_t word;
    std::memcpy(&word, text, sizeof(word));
    return word;
  }
  static std::uint64_t first_bytes(std::uint64_t word, std::size_t count) {
    return count >= 8 ? word : word & ((std::uint64_t{1} << (8 * count)) - 1);
  }
  static bool equal(const char* text, const char* name, std::size_t length) {
    for (; length > 8; length -= 8, text += 8, name += 8) {
      if (word_at(text) != word_at(name)) {
        return false;
      }
    }
    return first_bytes(word_at(text) ^ word_at(name), length) == 0;
  }
  static std::uint64_t key_of(const char* text, std::size_t length) {
    const std::size_t last = length > 8 ? length - 8 : 0;
    const std::uint64_t head = first_bytes(word_at(text), length);
    const std::uint64_t tail = first_bytes(word_at(text + last), length);
    return head ^ (tail * 0x9E3779B97F4A7C15U) ^ length;
  }
  std::size_t slot_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * multiplier_) >> shift_);
  }

  Slot keep(std::string_view name, std::uint32_t index);
  std::size_t collisions(std::span<const std::uint64_t> keys, std::vector<char>& taken) const;

  std::vector<Slot> slots_;
  std::vector<char> characters_;
  std::uint64_t multiplier_ = 1;
  unsigned shift_ = 63;
};

}  // namespace autotape
