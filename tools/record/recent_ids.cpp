#include "record/recent_ids.hpp"

#include <functional>
#include <utility>

namespace autotape {

bool RecentIds::seen(std::string_view id) {
  const std::uint64_t hash = std::hash<std::string_view>{}(id);
  if (current_.size() >= generation_) {
    previous_ = std::exchange(current_, FlatTable<NoValue>());
  }
  const bool in_previous = previous_.find(hash) != nullptr;
  const bool added = current_.find_or_add(hash).second;
  return in_previous || !added;
}

}  // namespace autotape
