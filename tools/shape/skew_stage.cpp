// The cars' clocks are wrong.
#include <map>
#include <utility>

#include "shape/payload_text.hpp"
#include "shape/stages.hpp"

namespace autotape {
namespace {

class ClockSkewStage final : public Stage {
 public:
  ClockSkewStage(ClockSkewSettings settings, Matcher matcher, StageContext context)
      : settings_(std::move(settings)),
        matcher_(std::move(matcher)),
        context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    if (matcher_.matches(delivery)) {
      skew(delivery);
    }
    output.deliver(std::move(delivery));
  }

 private:
  void skew(Delivery& delivery) {
    const Message& message = *delivery.content;
    const double drifted =
        static_cast<double>(delivery.due.time_since_epoch().count()) * settings_.drift / 1e6;
    const Duration shift =
        offset_of(subject_of(message).vin) + Duration(static_cast<std::int64_t>(drifted));
    std::string payload =
        with_shifted_timestamps(message.payload, [shift](DataTime) { return shift; });
    if (payload != message.payload) {
      replace_content(delivery, message.topic, std::move(payload));
      delivery.actions.push_back({context_.number, ActionKind::skewed});
    }
  }

  Duration offset_of(std::string_view vin) {
    const auto known = offsets_.find(vin);
    if (known != offsets_.end()) {
      return known->second;
    }
    Random random(context_.seed, context_.purpose("offset/" + std::string(vin)));
    return offsets_.emplace(vin, draw_signed(settings_.offset, random)).first->second;
  }

  ClockSkewSettings settings_;
  Matcher matcher_;
  StageContext context_;
  std::map<std::string, Duration, std::less<>> offsets_;
};

}  // namespace

std::unique_ptr<Stage> make_stage(const ClockSkewSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<ClockSkewStage>(settings, std::move(matcher), context);
}

}  // namespace autotape
