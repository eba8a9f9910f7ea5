// What holds for every plan, whatever the shape: random shapes over a random tape.
#include <map>
#include <set>
#include <tuple>

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "shape/plan_file.hpp"
#include "tests/unit/support/memory_tape.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t message_count = 150;
constexpr std::uint64_t car_count = 5;

// Cars that send at random moments, sometimes several at once.
std::vector<RecordedMessage> random_tape(Random& random) {
  auto messages = numbered_messages(message_count, car_count);
  Duration at{};
  for (RecordedMessage& message : messages) {
    message.received = ReceivedTime(std::chrono::hours(400'000) + at);
    at += 1ms * static_cast<std::int64_t>(random.chance(0.2) ? 0 : random.below(500));
  }
  return messages;
}

Duration random_duration(Random& random) {
  return 1ms * static_cast<std::int64_t>(random.below(20'000));
}

DurationDistribution random_distribution(Random& random) {
  const Duration some = random_duration(random);
  switch (random.below(5)) {
    case 0:
      return FixedDuration{some};
    case 1:
      return UniformDuration{some, some + random_duration(random)};
    case 2:
      return ExponentialDuration{some};
    case 3:
      return NormalDuration{some, random_duration(random)};
    default:
      return MeasuredDuration{{0s, some, some * 3}};
  }
}

Spans random_spans(Random& random) {
  const Duration length = random_duration(random) + 1ms;
  Spans spans{random_duration(random), length, {}};
  if (random.chance(0.5)) {
    spans.every = length + random_duration(random);
  }
  return spans;
}

ReorderSettings random_reorder(Random& random) {
  ReorderSettings reorder;
  reorder.mode = static_cast<ReorderMode>(random.below(4));
  reorder.scope = static_cast<ReorderScope>(random.below(3));
  reorder.probability = random.uniform();
  if (reorder.mode != ReorderMode::swap) {
    if (random.chance(0.5)) {
      reorder.messages = 1 + random.below(30);
    } else {
      reorder.time = random_duration(random) + 1ms;
    }
  }
  return reorder;
}

StageSettings random_settings(Random& random) {
  switch (random.below(12)) {
    case 0:
      return DuplicateSettings{random.uniform(), 1 + static_cast<std::uint32_t>(random.below(3)),
                               random_distribution(random),
                               static_cast<DuplicateClass>(random.below(3))};
    case 1:
      return StaleSettings{random.uniform(), random_distribution(random)};
    case 2:
      return TieSettings{random.uniform(), random_distribution(random)};
    case 3:
      return DelaySettings{random.uniform(), random_distribution(random), random.chance(0.5)};
    case 4:
      return HoldSettings{random_spans(random), static_cast<HoldOrder>(random.below(3))};
    case 5:
      return GapSettings{random_spans(random)};
    case 6:
      return DropSettings{random.uniform()};
    case 7:
      return BurstSettings{random_duration(random) + 1ms};
    case 8:
      return RateSettings{0.5 + 20 * random.uniform()};
    case 9:
      return ClockSkewSettings{random_distribution(random), 100 * random.uniform()};
    case 10:
      return CorruptSettings{random.uniform(),
                             {ActionKind::truncated, ActionKind::wrong_type, ActionKind::bad_utf8,
                              ActionKind::wrong_topic, ActionKind::empty_payload}};
    default:
      return random_reorder(random);
  }
}

Match random_match(Random& random) {
  Match match;
  if (random.chance(0.3)) {
    match.cars = {"CAR" + std::to_string(random.below(car_count))};
  }
  if (random.chance(0.2)) {
    match.share = random.uniform();
  }
  if (random.chance(0.2)) {
    match.share_of_cars = random.uniform();
  }
  if (random.chance(0.2)) {
    match.from = random_duration(random);
  }
  return match;
}

struct RandomStory {
  explicit RandomStory(std::uint64_t seed_) : seed(seed_) {
    Random random(seed, "story");
    messages = random_tape(random);
    for (std::uint64_t stages = random.below(6); stages > 0; --stages) {
      add_stage(shape, random_settings(random), random_match(random));
    }
    selection.passes = 1 + static_cast<std::uint32_t>(random.below(3));
    selection.renew_ids = random.chance(0.5);
    selection.shift_times = random.chance(0.5);
    if (random.chance(0.3)) {
      selection.exclude = {"+/+/+/CAR1/#"};
    }
    if (random.chance(0.3)) {
      selection.longest_gap = random_duration(random);
    }
    selection.convert_to_v2 = random.chance(0.2);
  }

  std::unique_ptr<DeliveryPlan> plan() const {
    return std::make_unique<DeliveryPlan>(tape_of(messages), selection, shape, seed);
  }

  std::uint64_t seed;
  std::vector<RecordedMessage> messages;
  Selection selection;
  Shape shape;
};

using Identity = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;  // message, pass, copy

bool changes_bytes(ActionKind kind) {
  return (is_additional(kind) && kind != ActionKind::copied) ||
         (kind >= ActionKind::skewed && kind <= ActionKind::huge_payload);
}

bool may_change_due(ActionKind kind) {
  return is_additional(kind) || (kind >= ActionKind::moved && kind <= ActionKind::paced);
}

template <typename Predicate>
bool any_action(const Delivery& delivery, Predicate predicate) {
  return std::any_of(delivery.actions.begin(), delivery.actions.end(),
                     [&](const StageAction& action) { return predicate(action.kind); });
}

// A message may wait in such a window although no other overtakes it.
bool waits_in_windows(const Shape& shape) {
  return std::any_of(shape.stages.begin(), shape.stages.end(), [](const ShapeStage& stage) {
    return std::holds_alternative<ReorderSettings>(stage.settings);
  });
}

std::string text_of(DeliverySource& plan) {
  const PlanLines lines(plan.stage_names());
  std::string text =
      plan_header_line({.tape = "t", .seed = 1, .stages = plan.stage_names()}) + "\n";
  while (true) {
    const auto item = plan.next();
    REQUIRE(item);
    if (!*item) {
      return text;
    }
    lines.append(text, **item);
  }
}

template <typename Check>
void for_random_stories(Check check) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    check(RandomStory(seed));
  }
}

}  // namespace

TEST_CASE("Whatever the shape, every message is delivered or dropped by a named stage, once") {
  for_random_stories([](const RandomStory& story) {
    const auto plan = story.plan();
    const WholePlan whole = whole_plan(*plan);
    std::map<Identity, int> fates;
    for (const Delivery& delivery : whole.deliveries) {
      ++fates[{delivery.message, delivery.pass, delivery.copy}];
    }
    for (const Drop& drop : whole.drops) {
      ++fates[{drop.message, drop.pass, drop.copy}];
      REQUIRE(drop.stage < plan->stage_names().size());
    }
    for (const auto& [identity, count] : fates) {
      REQUIRE(count == 1);
    }
    for (std::uint32_t pass = 0; pass < story.selection.passes; ++pass) {
      for (std::uint64_t message = 1; message <= message_count; ++message) {
        REQUIRE(fates.count({message, pass, 0}) == 1);
      }
    }
  });
}

TEST_CASE(
    "Whatever the shape, deliveries are numbered without holes and their times never go back") {
  for_random_stories([](const RandomStory& story) {
    const WholePlan whole = whole_plan(*story.plan());
    for (std::size_t i = 0; i < whole.deliveries.size(); ++i) {
      REQUIRE(whole.deliveries[i].index == i + 1);
      REQUIRE((i == 0 || whole.deliveries[i].due >= whole.deliveries[i - 1].due));
    }
  });
}

TEST_CASE("Whatever the shape, what differs from the tape is accounted for by an action") {
  for_random_stories([](const RandomStory& story) {
    std::map<std::pair<std::uint64_t, std::uint32_t>, DueTime> own_time;
    DeliveryPlan unshaped(tape_of(story.messages), story.selection, {}, story.seed);
    for (const Delivery& delivery : whole_plan(unshaped).deliveries) {
      own_time[{delivery.message, delivery.pass}] = delivery.due;
    }
    const bool windows = waits_in_windows(story.shape);
    for (const Delivery& delivery : whole_plan(*story.plan()).deliveries) {
      const Message& original = story.messages[delivery.message - 1].message;
      REQUIRE(any_action(delivery, is_additional) == (delivery.copy != 0));
      REQUIRE(delivery.altered == any_action(delivery, changes_bytes));
      if (!delivery.altered) {
        REQUIRE(delivery.content->topic == original.topic);
        REQUIRE(delivery.content->payload == original.payload);
      }
      const DueTime own = own_time.at({delivery.message, delivery.pass});
      REQUIRE(delivery.due >= own);
      REQUIRE((delivery.due == own || windows || any_action(delivery, may_change_due)));
    }
  });
}

TEST_CASE("Whatever the shape, a plan is the same again, from disk as well") {
  const TestFolder folder;
  const std::string path = folder.file("p.plan");
  for_random_stories([&](const RandomStory& story) {
    const std::string text = text_of(*story.plan());
    REQUIRE(text_of(*story.plan()) == text);
    REQUIRE(write_file(path, text));
    auto saved = SavedPlan::open(path);
    REQUIRE(saved);
    (*saved)->read_messages_from(tape_of(story.messages));
    REQUIRE(text_of(**saved) == text);
  });
}
