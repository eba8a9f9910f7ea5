// What is known only when a plan is played: whose broker it goes to, and what time it is.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "shape/delivery.hpp"

namespace autotape {

struct Rewrite {
  std::optional<std::string> environment{};                // in the topic
  std::optional<std::string> app_id{};                     // in the topic, and in a V2 envelope
  std::map<std::string, std::string, std::less<>> vins{};  // in the topic and in the envelope

  // The first data time of the plan becomes this one, and all others keep their distance to it.
  std::optional<DataTime> first_data_time{};

  bool changes_anything() const {
    return environment || app_id || !vins.empty() || first_data_time;
  }
};

// The first environment, App ID or VIN to be written that has more than letters, digits, - and _.
std::optional<std::string> wrong_name_in(const Rewrite& rewrite);

// A plan whose messages are rewritten. What is no topic of the provider's keeps its topic.
class RewrittenPlan final : public DeliverySource {
 public:
  RewrittenPlan(std::unique_ptr<DeliverySource> plan, Rewrite rewrite)
      : plan_(std::move(plan)), rewrite_(std::move(rewrite)) {}

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return plan_->stage_names(); }
  TapeDamage tape_damage() const override { return plan_->tape_damage(); }
  std::vector<std::uint16_t> idle_stages() const override { return plan_->idle_stages(); }

 private:
  std::shared_ptr<const Message> rewritten(const Message& message);
  std::string rewritten_topic(const std::string& topic) const;
  std::string rewritten_payload(std::string payload);
  void restamp(std::string& payload);

  std::unique_ptr<DeliverySource> plan_;
  Rewrite rewrite_;
  std::optional<Duration> time_shift_{};  // known from the first timestamp on
};

}  // namespace autotape
