#include "replay/lane.hpp"

#include "core/random.hpp"
#include "shape/match.hpp"

namespace autotape {

std::size_t lane_of(const Message& message, std::size_t lanes) {
  return lanes == 1 ? 0 : Random(0, subject_of(message).vin).below(lanes);
}

Result<std::optional<PlanItem>> Shard::next() {
  while (true) {
    AUTOTAPE_TRY_ASSIGN(auto item, plan_->next());
    if (!item) {
      return item;
    }
    const auto* const delivery = std::get_if<Delivery>(&*item);
    const std::size_t lane = delivery == nullptr ? 0 : lane_of(*delivery->content, count_);
    if (lane == number_) {
      return item;
    }
  }
}

}  // namespace autotape
