// A tape in memory, and what a shape makes of it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "shape/plan.hpp"
#include "tape/reader.hpp"

namespace autotape::testing {

class MemoryTape final : public TapeReader {
 public:
  explicit MemoryTape(std::shared_ptr<const std::vector<RecordedMessage>> messages)
      : messages_(std::move(messages)) {}

  std::string_view format() const override { return "memory"; }
  const TapeHeader& header() const override { return header_; }
  Result<TapeRecord> next(RecordedMessage& message, Marker&) override {
    if (at_ == messages_->size()) {
      return TapeRecord::end;
    }
    message = (*messages_)[at_++];
    return TapeRecord::message;
  }
  const TapeDamage& damage() const override { return damage_; }

 private:
  std::shared_ptr<const std::vector<RecordedMessage>> messages_;
  std::size_t at_ = 0;
  TapeHeader header_;
  TapeDamage damage_;
};

inline OpenTape tape_of(std::vector<RecordedMessage> messages) {
  auto shared = std::make_shared<const std::vector<RecordedMessage>>(std::move(messages));
  return [shared]() -> Result<std::unique_ptr<TapeReader>> {
    return std::unique_ptr<TapeReader>(std::make_unique<MemoryTape>(shared));
  };
}

// Message `number` (from 1) of one of `cars` cars, a second after the one before it.
inline RecordedMessage numbered_message(std::uint64_t number, std::uint64_t cars = 1,
                                        Duration interval = std::chrono::seconds(1)) {
  const std::string vin = "CAR" + std::to_string(number % cars);
  RecordedMessage recorded;
  recorded.received = ReceivedTime(std::chrono::hours(400'000) + interval * (number - 1));
  recorded.message.topic =
      "sandbox/level13/0123456789ABCDEF01234567/" + vin + "/diagnostics/get/speed";
  recorded.message.payload =
      R"({"message_id":"ID)" + std::to_string(number) + R"(","version":1,"vin":")" + vin +
      R"(","capability":"diagnostics","property":"speed","data":{"diagnostics":{"speed":{"data":{)"
      R"("unit":"kilometers_per_hour","value":)" +
      std::to_string(number) + R"(},"timestamp":"2026-03-01T07:00:00.250Z"}}}})";
  return recorded;
}

inline std::vector<RecordedMessage> numbered_messages(std::uint64_t count, std::uint64_t cars = 1,
                                                      Duration interval = std::chrono::seconds(1)) {
  std::vector<RecordedMessage> messages;
  for (std::uint64_t number = 1; number <= count; ++number) {
    messages.push_back(numbered_message(number, cars, interval));
  }
  return messages;
}

struct WholePlan {
  std::vector<Delivery> deliveries;
  std::vector<Drop> drops;
};

inline WholePlan whole_plan(DeliverySource& source) {
  WholePlan plan;
  while (true) {
    auto item = source.next();
    REQUIRE(item);
    if (!*item) {
      return plan;
    }
    if (auto* const delivery = std::get_if<Delivery>(&**item)) {
      plan.deliveries.push_back(std::move(*delivery));
    } else {
      plan.drops.push_back(std::get<Drop>(**item));
    }
  }
}

inline WholePlan shaped(std::vector<RecordedMessage> messages, const Shape& shape,
                        std::uint64_t seed = 1, const Selection& selection = {}) {
  DeliveryPlan plan(tape_of(std::move(messages)), selection, shape, seed);
  return whole_plan(plan);
}

inline Shape one_stage(StageSettings settings, Match match = {}) {
  Shape shape;
  add_stage(shape, std::move(settings), std::move(match));
  return shape;
}

inline std::vector<std::uint64_t> message_numbers(const WholePlan& plan) {
  std::vector<std::uint64_t> numbers;
  for (const Delivery& delivery : plan.deliveries) {
    numbers.push_back(delivery.message);
  }
  return numbers;
}

}  // namespace autotape::testing
