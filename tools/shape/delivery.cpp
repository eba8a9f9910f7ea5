#include "shape/delivery.hpp"

#include <algorithm>
#include <array>

namespace autotape {
namespace {

// In the order of ActionKind.
constexpr std::array<std::string_view, 25> names{"copied",
                                                 "changed-content",
                                                 "new-id",
                                                 "stale",
                                                 "tied",
                                                 "moved",
                                                 "delayed",
                                                 "late",
                                                 "held",
                                                 "collected",
                                                 "paced",
                                                 "skewed",
                                                 "restamped",
                                                 "renewed-id",
                                                 "converted-v2",
                                                 "truncated",
                                                 "wrong-type",
                                                 "missing-member",
                                                 "unknown-property",
                                                 "unknown-enum",
                                                 "bad-timestamp",
                                                 "bad-utf8",
                                                 "wrong-topic",
                                                 "empty-payload",
                                                 "huge-payload"};
static_assert(names.size() == action_kind_count);

}  // namespace

std::string_view name_of(ActionKind kind) {
  return names.at(static_cast<std::size_t>(kind));
}

std::optional<ActionKind> action_kind(std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<ActionKind>(found - names.begin());
}

bool is_corruption(ActionKind kind) {
  return kind >= ActionKind::truncated;
}

bool is_additional(ActionKind kind) {
  return kind <= ActionKind::tied;
}

void ActionList::push_back(StageAction action) {
  if (count_ < few_.size()) {
    few_[count_] = action;
  } else {
    if (more_.empty()) {
      more_.assign(few_.begin(), few_.end());
    }
    more_.push_back(action);
  }
  ++count_;
}

bool Delivery::has(ActionKind kind) const {
  return std::any_of(actions.begin(), actions.end(),
                     [kind](const StageAction& action) { return action.kind == kind; });
}

}  // namespace autotape
