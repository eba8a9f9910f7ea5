// Has this message_id been seen lately? In bounded memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/flat_table.hpp"

namespace autotape {

// Remembers at least the last `generation` ids and at most twice as many; about 10 bytes each.
class RecentIds {
 public:
  explicit RecentIds(std::size_t generation = 500'000) : generation_(generation) {}

  // True if `id` is remembered; it is from now on.
  bool seen(std::string_view id);

 private:
  std::size_t generation_;
  FlatTable<NoValue> current_;
  FlatTable<NoValue> previous_;
};

}  // namespace autotape
