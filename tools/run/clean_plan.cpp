#include "run/clean_plan.hpp"

#include <algorithm>
#include <tuple>

namespace autotape {
namespace {

bool is_whole_message_of_the_tape(const Delivery& delivery) {
  return delivery.copy == 0 &&
         std::none_of(delivery.actions.begin(), delivery.actions.end(),
                      [](const StageAction& action) { return is_corruption(action.kind); });
}

}  // namespace

Result<std::unique_ptr<CleanPlan>> CleanPlan::open(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto log, DeliveryLogReader::open(path));
  std::unique_ptr<CleanPlan> plan(new CleanPlan(std::move(log), std::ifstream(path)));
  AUTOTAPE_TRY(plan->find_places());
  return plan;
}

Result<void> CleanPlan::find_places() {
  while (true) {
    const std::uint64_t offset = log_->offset();
    AUTOTAPE_TRY_ASSIGN(const auto item, log_->next());
    if (!item) {
      break;
    }
    const auto& delivery = std::get<Delivery>(*item);
    if (is_whole_message_of_the_tape(delivery)) {
      places_.push_back({delivery.pass, delivery.message, offset});
      dues_.push_back(delivery.due);
    }
  }
  std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
    return std::tie(a.pass, a.message) < std::tie(b.pass, b.message);
  });
  return {};  // the due times are in order already: a plan has them so
}

Result<std::optional<PlanItem>> CleanPlan::next() {
  if (given_ == places_.size()) {
    return std::optional<PlanItem>();
  }
  lines_.seekg(static_cast<std::streamoff>(places_[given_].offset));
  std::getline(lines_, line_);
  AUTOTAPE_TRY_ASSIGN(Delivery delivery, log_->parse(line_));
  delivery.actions.clear();
  delivery.due = dues_[given_];
  delivery.index = ++given_;
  return std::optional<PlanItem>(std::move(delivery));
}

}  // namespace autotape
