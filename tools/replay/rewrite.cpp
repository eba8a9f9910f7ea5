#include "replay/rewrite.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "message/topic.hpp"
#include "shape/payload_text.hpp"

namespace autotape {
namespace {

// In a topic without meaning more, and in JSON without escapes.
bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::optional<std::string> wrong_name_in(const Rewrite& rewrite) {
  for (const auto& name : {rewrite.environment, rewrite.app_id}) {
    if (name && !is_plain_name(*name)) {
      return name;
    }
  }
  for (const auto& [vin, other] : rewrite.vins) {
    if (!is_plain_name(other)) {
      return other;
    }
  }
  return std::nullopt;
}

Result<std::optional<PlanItem>> RewrittenPlan::next() {
  AUTOTAPE_TRY_ASSIGN(auto item, plan_->next());
  if (item) {
    if (auto* const delivery = std::get_if<Delivery>(&*item)) {
      delivery->content = rewritten(*delivery->content);
    }
  }
  return item;
}

std::shared_ptr<const Message> RewrittenPlan::rewritten(const Message& message) {
  auto changed = std::make_shared<Message>(message);
  changed->topic = rewritten_topic(message.topic);
  changed->payload = rewritten_payload(std::move(changed->payload));
  return changed;
}

std::string RewrittenPlan::rewritten_topic(const std::string& topic) const {
  if (const auto v1 = parse_v1_topic(topic)) {
    const auto vin = rewrite_.vins.find(v1->vin);
    return fmt::format("{}/{}/{}/{}/{}/{}/{}",
                       rewrite_.environment ? *rewrite_.environment : v1->environment, v1->level,
                       rewrite_.app_id ? *rewrite_.app_id : v1->app_id,
                       vin == rewrite_.vins.end() ? v1->vin : std::string_view(vin->second),
                       v1->capability, v1->action, v1->property);
  }
  if (const auto v2 = parse_v2_topic(topic)) {
    return fmt::format("{}/{}/{}", rewrite_.environment ? *rewrite_.environment : v2->environment,
                       v2->level, rewrite_.app_id ? *rewrite_.app_id : v2->application_id);
  }
  return topic;
}

std::string RewrittenPlan::rewritten_payload(std::string payload) {
  if (!rewrite_.vins.empty()) {
    const auto vin = find_top_level_string(payload, "vin");
    const auto other = vin ? rewrite_.vins.find(*vin) : rewrite_.vins.end();
    if (other != rewrite_.vins.end()) {
      payload = with_top_level_string(payload, "vin", other->second);
    }
  }
  if (rewrite_.app_id && is_v2_application_id(*rewrite_.app_id)) {
    payload = with_top_level_string(payload, "application_id", *rewrite_.app_id);
  }
  if (rewrite_.first_data_time) {
    restamp(payload);
  }
  return payload;
}

void RewrittenPlan::restamp(std::string& payload) {
  payload = with_shifted_timestamps(payload, [this](DataTime time) {
    if (!time_shift_) {
      time_shift_ = *rewrite_.first_data_time - time;
    }
    return *time_shift_;
  });
}

}  // namespace autotape
