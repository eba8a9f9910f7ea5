#include "replay/prefetch.hpp"

#include <utility>

namespace autotape {

PrefetchedPlan::PrefetchedPlan(std::unique_ptr<DeliverySource> plan)
    : plan_(std::move(plan)),
      stage_names_(plan_->stage_names()),
      items_([inner = plan_.get()](PlanItem& item) -> Result<bool> {
        AUTOTAPE_TRY_ASSIGN(auto made, inner->next());
        if (made) {
          item = std::move(*made);
        }
        return made.has_value();
      }) {}

Result<std::optional<PlanItem>> PrefetchedPlan::next() {
  AUTOTAPE_TRY_ASSIGN(PlanItem* const item, items_.next());
  return item == nullptr ? std::optional<PlanItem>() : std::optional(std::move(*item));
}

}  // namespace autotape
