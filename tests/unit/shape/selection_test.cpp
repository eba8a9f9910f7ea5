#include "shape/selection.hpp"

#include <doctest/doctest.h>

#include "message/envelope.hpp"
#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("Offset and duration choose a part of the tape, which begins at once") {
  const WholePlan plan = shaped(numbered_messages(10), {}, 1, {.start_offset = 3s, .duration = 4s});
  CHECK(message_numbers(plan) == Numbers{4, 5, 6, 7});
  CHECK(plan.deliveries[0].due == DueTime(0s));
  CHECK(plan.drops.size() == 3);
}

TEST_CASE("Filters keep the times of what they leave") {
  const WholePlan plan = shaped(numbered_messages(6, 2), {}, 1, {.include = {"+/+/+/CAR1/#"}});
  CHECK(message_numbers(plan) == Numbers{1, 3, 5});
  CHECK(plan.deliveries[2].due == DueTime(4s));
  CHECK(plan.drops.size() == 3);
}

TEST_CASE("Long silences are shortened") {
  auto messages = numbered_messages(3);
  messages[2].received += 1h;
  const WholePlan plan = shaped(messages, {}, 1, {.longest_gap = 10s});
  CHECK(plan.deliveries[2].due == DueTime(11s));
}

TEST_CASE("A clock that was set back makes no message due before the one before it") {
  auto messages = numbered_messages(3);
  messages[1].received -= 1h;
  const WholePlan plan = shaped(messages, {});
  CHECK(plan.deliveries[1].due == DueTime(0s));
  CHECK(plan.deliveries[2].due == DueTime(2s));
}

TEST_CASE("A loop goes on in time, with ids of its own") {
  const WholePlan plan = shaped(numbered_messages(2), {}, 1, {.passes = 2});
  REQUIRE(plan.deliveries.size() == 4);
  const Delivery& again = plan.deliveries[2];
  CHECK(again.message == 1);
  CHECK(again.pass == 1);
  CHECK(again.due == DueTime(2s));
  EnvelopeReader reader;
  const auto envelope = reader.read(again.content->payload);
  REQUIRE(envelope);
  CHECK((*envelope)->message_id.size() == 64);
  CHECK(again.content->payload.find("\"2026-03-01T07:00:02.250Z\"") != std::string::npos);
}

TEST_CASE("Where a loop shortens silences, data times go on behind the whole pass") {
  auto messages = numbered_messages(2);
  messages[1].received += 9h;
  const WholePlan plan = shaped(messages, {}, 1, {.longest_gap = 1min, .passes = 3});
  REQUIRE(plan.deliveries.size() == 6);
  CHECK(plan.deliveries[2].due == DueTime(61s));
  const auto has_time = [&](std::size_t delivery, std::string_view time) {
    return plan.deliveries[delivery].content->payload.find(time) != std::string::npos;
  };
  CHECK(has_time(2, "\"2026-03-01T16:00:02.250Z\""));
  CHECK(has_time(4, "\"2026-03-02T01:00:04.250Z\""));
}

TEST_CASE("A loop may keep ids and times") {
  const WholePlan plan =
      shaped(numbered_messages(1), {}, 1, {.passes = 2, .renew_ids = false, .shift_times = false});
  CHECK(plan.deliveries[1].content->payload == plan.deliveries[0].content->payload);
}

TEST_CASE("A V1 message becomes a V2 message of the same reading") {
  const WholePlan plan = shaped(numbered_messages(1), {}, 1, {.convert_to_v2 = true});
  const Message& message = *plan.deliveries[0].content;
  CHECK(message.topic == "sandbox/level13/01234567-89ab-cdef-0123-456700000000");
  EnvelopeReader reader;
  const auto envelope = reader.read(message.payload);
  REQUIRE(envelope);
  CHECK((*envelope)->version == StreamVersion::v2);
  CHECK((*envelope)->message_id == "ID1");
  REQUIRE((*envelope)->readings.size() == 1);
  CHECK((*envelope)->readings[0].property == "speed");
}
