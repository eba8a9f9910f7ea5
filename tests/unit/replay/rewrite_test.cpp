#include "replay/rewrite.hpp"

#include <doctest/doctest.h>

#include "message/envelope.hpp"
#include "replay/lane.hpp"
#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* other_app = "01234567-89ab-cdef-0123-456789abcdef";

std::unique_ptr<DeliverySource> rewritten(std::vector<RecordedMessage> messages, Rewrite rewrite,
                                          const Selection& selection = {},
                                          const Shape& shape = {}) {
  return std::make_unique<RewrittenPlan>(
      std::make_unique<DeliveryPlan>(tape_of(std::move(messages)), selection, shape, 1),
      std::move(rewrite));
}

std::vector<RecordedMessage> messages_a_second_apart(std::uint64_t count, std::uint64_t cars) {
  auto messages = numbered_messages(count, cars);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string& payload = messages[i].message.payload;
    const std::string old = "07:00:00.250Z";
    payload.replace(payload.find(old), old.size(), "07:00:" + std::to_string(10 + i) + ".250Z");
  }
  return messages;
}

std::vector<DataTime> data_times(const WholePlan& plan) {
  std::vector<DataTime> times;
  EnvelopeReader reader;
  for (const Delivery& delivery : plan.deliveries) {
    const auto envelope = reader.read(delivery.content->payload);
    REQUIRE(envelope);
    times.push_back((*envelope)->newest().value());
  }
  return times;
}

}  // namespace

TEST_CASE(
    "Restamped, the first data time is the one asked for and all others keep their distance") {
  const DataTime begin(std::chrono::hours(500'000));
  const auto plan = rewritten(messages_a_second_apart(5, 1), {.first_data_time = begin});
  const auto times = data_times(whole_plan(*plan));
  for (std::size_t i = 0; i < times.size(); ++i) {
    CHECK(times[i] == begin + 1s * static_cast<int>(i));
  }
}

TEST_CASE("A duplicate is restamped like its message") {
  const auto plan = rewritten(messages_a_second_apart(3, 1), {.first_data_time = DataTime(1h)}, {},
                              one_stage(DuplicateSettings{}));
  const WholePlan whole = whole_plan(*plan);
  REQUIRE(whole.deliveries.size() == 6);
  CHECK(whole.deliveries[0].content->payload == whole.deliveries[1].content->payload);
}

TEST_CASE("Shards that restamp agree about the time") {
  const auto messages = messages_a_second_apart(40, 8);
  const Rewrite rewrite{.first_data_time = DataTime(1h)};
  std::map<std::uint64_t, DataTime> of_message;
  for (std::size_t number = 0; number < 3; ++number) {
    Shard shard(rewritten(messages, rewrite), number, 3);
    const WholePlan part = whole_plan(shard);
    const auto times = data_times(part);
    for (std::size_t i = 0; i < times.size(); ++i) {
      of_message[part.deliveries[i].message] = times[i];
    }
  }
  REQUIRE(of_message.size() == 40);
  for (const auto& [message, time] : of_message) {
    CHECK(time == DataTime(1h + 1s * static_cast<int>(message - 1)));
  }
}

TEST_CASE("A V2 message is renamed in its topic and in its envelope") {
  const auto plan =
      rewritten(numbered_messages(1),
                {.environment = "live", .app_id = other_app, .vins = {{"CAR0", "OTHER"}}},
                {.convert_to_v2 = true});
  const WholePlan whole = whole_plan(*plan);
  const Message& message = *whole.deliveries[0].content;
  CHECK(message.topic == "live/level13/" + std::string(other_app));
  CHECK(message.payload.find("\"application_id\":\"" + std::string(other_app) + '"') !=
        std::string::npos);
  CHECK(message.payload.find("\"vin\":\"OTHER\"") != std::string::npos);
}

TEST_CASE("What is broken on purpose is renamed as far as it goes, and stays broken") {
  auto messages = numbered_messages(1);
  messages[0].message.payload = R"({"vin":"CAR0","data)";
  const auto plan =
      rewritten(messages, {.vins = {{"CAR0", "OTHER"}}, .first_data_time = DataTime()});
  CHECK(whole_plan(*plan).deliveries[0].content->payload == R"({"vin":"OTHER","data)");
}

TEST_CASE("Names that a topic or JSON would read otherwise are found") {
  CHECK_FALSE(wrong_name_in({.environment = "live", .app_id = other_app, .vins = {{"A", "B-1"}}}));
  CHECK(wrong_name_in({.app_id = "a/b"}) == "a/b");
  CHECK(wrong_name_in({.vins = {{"A", "+"}}}) == "+");
  CHECK(wrong_name_in({.vins = {{"A", "\""}}}) == "\"");
  CHECK(wrong_name_in({.vins = {{"A", ""}}}) == "");
}
