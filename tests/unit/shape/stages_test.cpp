#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "message/envelope.hpp"
#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

DueTime at(Duration since_start) {
  return DueTime(since_start);
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("Without stages a plan is the tape, at the tape's own times") {
  const WholePlan plan = shaped(numbered_messages(3), {});
  CHECK(message_numbers(plan) == Numbers{1, 2, 3});
  CHECK(plan.deliveries[2].due == at(2s));
  CHECK(plan.deliveries[2].index == 3);
  CHECK_FALSE(plan.deliveries[2].altered);
  CHECK(plan.deliveries[2].content->payload == numbered_message(3).message.payload);
}

TEST_CASE("A duplicate comes after its delay, byte for byte the same, and is the copy") {
  const WholePlan plan =
      shaped(numbered_messages(4), one_stage(DuplicateSettings{1, 1, FixedDuration{1500ms}}));
  CHECK(message_numbers(plan) == Numbers{1, 2, 1, 3, 2, 4, 3, 4});
  const Delivery& copy = plan.deliveries[2];
  CHECK(copy.due == at(1500ms));
  CHECK(copy.copy == 1);
  CHECK(copy.has(ActionKind::copied));
  CHECK_FALSE(copy.altered);
  CHECK(copy.content == plan.deliveries[0].content);
}

TEST_CASE(
    "A duplicate of class (b) keeps its id and changes its value, one of class (c) the reverse") {
  for (const auto kind : {DuplicateClass::changed_content, DuplicateClass::new_id}) {
    const WholePlan plan =
        shaped(numbered_messages(1), one_stage(DuplicateSettings{1, 1, FixedDuration{1s}, kind}));
    REQUIRE(plan.deliveries.size() == 2);
    EnvelopeReader original;
    EnvelopeReader copied;
    const auto first = original.read(plan.deliveries[0].content->payload);
    const auto second = copied.read(plan.deliveries[1].content->payload);
    REQUIRE(second);
    const bool same_id = (*first)->message_id == (*second)->message_id;
    const bool same_reading = original.reading_text(0) == copied.reading_text(0);
    CHECK(same_id == (kind == DuplicateClass::changed_content));
    CHECK(same_reading == (kind == DuplicateClass::new_id));
    CHECK(plan.deliveries[1].altered);
  }
}

TEST_CASE("A tie has another id and another value for the same moment") {
  const WholePlan plan = shaped(numbered_messages(1), one_stage(TieSettings{}));
  REQUIRE(plan.deliveries.size() == 2);
  EnvelopeReader original;
  EnvelopeReader tied;
  const auto first = original.read(plan.deliveries[0].content->payload);
  const auto second = tied.read(plan.deliveries[1].content->payload);
  CHECK((*first)->message_id != (*second)->message_id);
  CHECK((*first)->newest() == (*second)->newest());
  CHECK(original.reading_text(0) != tied.reading_text(0));
}

TEST_CASE("Copies of copies have numbers of their own") {
  Shape shape;
  add_stage(shape, DuplicateSettings{1, 2, FixedDuration{1s}});
  add_stage(shape, DuplicateSettings{1, 1, FixedDuration{1s}});
  const WholePlan plan = shaped(numbered_messages(1), shape);
  std::set<std::uint32_t> copies;
  for (const Delivery& delivery : plan.deliveries) {
    copies.insert(delivery.copy);
  }
  CHECK(plan.deliveries.size() == 6);
  CHECK(copies.size() == 6);
}

TEST_CASE("No message is more than the window late, none before its time, and none is lost") {
  constexpr std::uint64_t window = 5;
  const WholePlan plan =
      shaped(numbered_messages(500), one_stage(ReorderSettings{ReorderMode::late, window}));
  REQUIRE(plan.deliveries.size() == 500);
  bool disordered = false;
  for (std::uint64_t place = 0; place < 500; ++place) {
    const Delivery& delivery = plan.deliveries[place];
    const std::uint64_t own_place = delivery.message - 1;
    CHECK(place <= own_place + window);
    CHECK(delivery.due >= at(1s * own_place));
    CHECK((place == 0 || plan.deliveries[place - 1].due <= delivery.due));
    disordered = disordered || place != own_place;
  }
  CHECK(disordered);
}

TEST_CASE("A message that was overtaken says so, and no other does") {
  const WholePlan plan =
      shaped(numbered_messages(200), one_stage(ReorderSettings{ReorderMode::late, 3}));
  std::uint64_t newest = 0;
  for (const Delivery& delivery : plan.deliveries) {
    CHECK(delivery.has(ActionKind::moved) == (delivery.message < newest));
    newest = std::max(newest, delivery.message);
  }
}

TEST_CASE("Disorder within a car leaves the places of other cars alone") {
  const WholePlan plan =
      shaped(numbered_messages(60, 3),
             one_stage(ReorderSettings{ReorderMode::reverse, 4, {}, ReorderScope::car},
                       Match{.cars = {"CAR1"}}));
  Numbers others;
  Numbers of_car;
  for (const std::uint64_t number : message_numbers(plan)) {
    (number % 3 == 1 ? of_car : others).push_back(number);
  }
  CHECK(std::is_sorted(others.begin(), others.end()));
  CHECK(Numbers(of_car.begin(), of_car.begin() + 4) == Numbers{10, 7, 4, 1});
}

TEST_CASE("Neighbours change places") {
  const WholePlan plan =
      shaped(numbered_messages(5), one_stage(ReorderSettings{ReorderMode::swap}));
  CHECK(message_numbers(plan) == Numbers{2, 1, 4, 3, 5});
}

TEST_CASE("A window in time is reversed at its end") {
  const WholePlan plan =
      shaped(numbered_messages(6), one_stage(ReorderSettings{ReorderMode::reverse, 0, 3s}));
  CHECK(message_numbers(plan) == Numbers{3, 2, 1, 6, 5, 4});
  CHECK(plan.deliveries[0].due == at(3s));
}

TEST_CASE("A shuffled block has the same messages") {
  const WholePlan plan =
      shaped(numbered_messages(100), one_stage(ReorderSettings{ReorderMode::shuffle, 10}));
  Numbers numbers = message_numbers(plan);
  CHECK_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
  for (std::size_t block = 0; block < 10; ++block) {
    const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(block * 10);
    std::sort(begin, begin + 10);
    CHECK(*begin == block * 10 + 1);
    CHECK(*(begin + 9) == block * 10 + 10);
  }
}

TEST_CASE("A car in a tunnel sends everything at once when it comes out") {
  const WholePlan plan = shaped(numbered_messages(10, 2),
                                one_stage(HoldSettings{{2s, 5s, {}}}, Match{.cars = {"CAR1"}}));
  // Odd numbers are CAR1's: 3, 5 and 7 are due at 2 s, 4 s and 6 s.
  CHECK(message_numbers(plan) == Numbers{1, 2, 4, 6, 3, 5, 7, 8, 9, 10});
  CHECK(plan.deliveries[4].due == at(7s));
  CHECK(plan.deliveries[4].has(ActionKind::held));
}

TEST_CASE("What was held comes in the order that is asked for, and again in each span") {
  const WholePlan plan =
      shaped(numbered_messages(8), one_stage(HoldSettings{{0s, 3s, 4s}, HoldOrder::reversed}));
  CHECK(message_numbers(plan) == Numbers{3, 2, 1, 4, 7, 6, 5, 8});
}

TEST_CASE("What falls into a gap is dropped by name") {
  const WholePlan plan = shaped(numbered_messages(5), one_stage(GapSettings{{1s, 2s, {}}}));
  CHECK(message_numbers(plan) == Numbers{1, 4, 5});
  REQUIRE(plan.drops.size() == 2);
  CHECK(plan.drops[0].message == 2);
  CHECK(plan.drops[0].stage == 1);
}

TEST_CASE("Every message is delivered or dropped") {
  const WholePlan plan = shaped(numbered_messages(2000), one_stage(DropSettings{0.25}));
  CHECK(plan.deliveries.size() + plan.drops.size() == 2000);
  CHECK(plan.drops.size() > 400);
  CHECK(plan.drops.size() < 600);
}

TEST_CASE("Bursts come at multiples of their interval") {
  const WholePlan plan = shaped(numbered_messages(5), one_stage(BurstSettings{2s}));
  CHECK(plan.deliveries[0].due == at(0s));
  CHECK(plan.deliveries[1].due == at(2s));
  CHECK(plan.deliveries[2].due == at(2s));
  CHECK(plan.deliveries[3].due == at(4s));
  CHECK(message_numbers(plan) == Numbers{1, 2, 3, 4, 5});
}

TEST_CASE("A limited rate makes messages wait in their order") {
  const WholePlan plan = shaped(numbered_messages(4), one_stage(RateSettings{0.5}));
  CHECK(plan.deliveries[3].due == at(6s));
  CHECK(plan.deliveries[3].has(ActionKind::paced));
  CHECK_FALSE(plan.deliveries[0].has(ActionKind::paced));
}

TEST_CASE("A wrong clock moves all timestamps of its car by the same") {
  const WholePlan plan =
      shaped(numbered_messages(2), one_stage(ClockSkewSettings{FixedDuration{1h}}));
  for (const Delivery& delivery : plan.deliveries) {
    CHECK(delivery.content->payload.find("\"2026-03-01T08:00:00.250Z\"") != std::string::npos);
    CHECK(delivery.has(ActionKind::skewed));
  }
}

TEST_CASE("A late message comes in the order of its new time") {
  const WholePlan plan =
      shaped(numbered_messages(4),
             one_stage(DelaySettings{1, FixedDuration{1h}, true}, Match{.from = 1s, .to = 2s}));
  CHECK(message_numbers(plan) == Numbers{1, 3, 4, 2});
  CHECK(plan.deliveries[3].due == at(1h + 1s));
  CHECK(plan.deliveries[3].has(ActionKind::late));
}

TEST_CASE("Each corruption breaks what it names") {
  const auto corrupted = [](ActionKind kind) {
    const WholePlan plan = shaped(numbered_messages(1), one_stage(CorruptSettings{1, {kind}}));
    REQUIRE(plan.deliveries.size() == 1);
    CHECK(plan.deliveries[0].has(kind));
    CHECK(plan.deliveries[0].altered);
    return *plan.deliveries[0].content;
  };
  const Message good = numbered_message(1).message;
  EnvelopeReader reader;
  CHECK_FALSE(reader.read(corrupted(ActionKind::truncated).payload));
  CHECK(corrupted(ActionKind::wrong_type).payload.find("a string where") != std::string::npos);
  CHECK(corrupted(ActionKind::missing_member).payload.size() < good.payload.size());
  CHECK(corrupted(ActionKind::unknown_property).topic.ends_with("/get/no_such_name"));
  CHECK(corrupted(ActionKind::unknown_enum).payload.find("no_such_name") != std::string::npos);
  CHECK(corrupted(ActionKind::bad_timestamp).payload.find("2026-13-45") != std::string::npos);
  CHECK(reader.read(corrupted(ActionKind::bad_utf8).payload).error().what == "is not valid UTF-8");
  CHECK(corrupted(ActionKind::wrong_topic).topic.find("CAR1") != std::string::npos);
  CHECK(corrupted(ActionKind::empty_payload).payload.empty());
  CHECK(corrupted(ActionKind::huge_payload).payload.size() >= 200 * 1024);
}

TEST_CASE("A share of the cars is whole cars") {
  const WholePlan plan =
      shaped(numbered_messages(1000, 100), one_stage(DropSettings{1}, Match{.share_of_cars = 0.3}));
  std::set<std::string> dropped;
  for (const Drop& drop : plan.drops) {
    dropped.insert(std::to_string(drop.message % 100));
  }
  CHECK(plan.drops.size() == dropped.size() * 10);
  CHECK(dropped.size() > 15);
  CHECK(dropped.size() < 45);
}

TEST_CASE("Another seed gives another plan, the same seed the same") {
  const Shape shape = one_stage(ReorderSettings{ReorderMode::late, 5});
  const auto numbers = [&](std::uint64_t seed) {
    return message_numbers(shaped(numbered_messages(100), shape, seed));
  };
  CHECK(numbers(1) == numbers(1));
  CHECK(numbers(1) != numbers(2));
}

TEST_CASE("A value without text stays as it is where an unknown one is asked for") {
  auto messages = numbered_messages(1);
  std::string& payload = messages[0].message.payload;
  payload = R"({"message_id":"A","vin":"V","data":{"doors":{"inside":{"data":true}}}})";
  const WholePlan plan =
      shaped(messages, one_stage(CorruptSettings{1, {ActionKind::unknown_enum}}));
  CHECK_FALSE(plan.deliveries[0].altered);
}
