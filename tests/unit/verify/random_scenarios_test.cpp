// Random shapes over a random stream, played to correct and to wrong consumers: the correct one
// always passes, and a wrong one fails exactly where its effects differ from the correct one's.
//
// AUTOTAPE_RANDOM_SCENARIOS says how many scenarios; scripts/false-alarms asks for many.
#include <cstdlib>
#include <map>

#include <doctest/doctest.h>

#include "core/random.hpp"
#include "shape/plan.hpp"
#include "tests/unit/support/memory_tape.hpp"
#include "tests/unit/verify/model_consumer.hpp"
#include "verify/verifier.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t messages_of_a_tape = 60;

std::uint64_t scenarios() {
  const char* const asked = std::getenv("AUTOTAPE_RANDOM_SCENARIOS");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 60;
}

std::vector<Flaw> flaws() {
  return {{.name = "no dedup", .no_dedup = true},
          {.name = "dedup by content", .dedup_by_content = true},
          {.name = "forgets at restart", .forgets_at_restart = true},
          {.name = "window too small", .remembered = 8},
          {.name = "last arrival wins", .last_arrival_wins = true},
          {.name = "times as text", .times_as_text = true},
          {.name = "drops late", .drops_late = true},
          {.name = "list as one", .list_as_one = true},
          {.name = "one key for all cars", .one_key_for_all_cars = true},
          {.name = "applies bad timestamps", .applies_bad_timestamps = true},
          {.name = "deaf after a bad message", .deaf_after_bad_message = true},
          {.name = "acknowledges first", .acknowledges_first = true}};
}

// Three cars; every fourth message is a list of two; every second time is written in local time.
RecordedMessage message_at(std::uint64_t number) {
  const std::string vin = fmt::format("CAR{}", number % 3);
  const Duration time = 1'772'348'400s + 1s * number;
  std::string timestamp = format_rfc3339(time);
  if (number % 2 == 0) {
    timestamp = format_rfc3339(time + 1h);
    timestamp.replace(timestamp.size() - 1, 1, "+01:00");
  }
  const auto object = [&](std::uint64_t value) {
    return fmt::format(R"({{"data":{{"unit":"kilometers","value":{}}},"timestamp":"{}"}})", value,
                       timestamp);
  };
  const bool is_list = number % 4 == 0;
  RecordedMessage recorded;
  recorded.received = ReceivedTime(time);
  recorded.message.topic = "sandbox/level13/0123456789ABCDEF01234567/" + vin + "/c/get/p";
  recorded.message.payload = fmt::format(
      R"({{"message_id":"ID{}","version":1,"vin":"{}","capability":"c","property":"p","data":{{"c":{{"{}":{}}}}}}})",
      number, vin, is_list ? "list" : "p",
      is_list ? fmt::format("[{},{}]", object(number), object(number + 1000)) : object(number));
  return recorded;
}

Shape random_shape(Random& random) {
  const auto some_time = [&] { return UniformDuration{0s, 1s * (1 + random.below(40))}; };
  const auto share = [&] { return 0.05 + 0.3 * random.uniform(); };
  const std::vector<StageSettings> all{
      DuplicateSettings{.probability = share(), .delay = some_time()},
      DuplicateSettings{.probability = share(), .copies = 3, .delay = some_time()},
      DuplicateSettings{
          .probability = share(), .delay = some_time(), .kind = DuplicateClass::changed_content},
      DuplicateSettings{
          .probability = share(), .delay = some_time(), .kind = DuplicateClass::new_id},
      StaleSettings{.probability = share(), .age = some_time()},
      TieSettings{.probability = share(), .delay = some_time()},
      ReorderSettings{.mode = ReorderMode::late, .messages = 1 + random.below(20)},
      ReorderSettings{.mode = ReorderMode::shuffle, .messages = 2 + random.below(20)},
      DelaySettings{.probability = share(), .delay = some_time()},
      HoldSettings{.spans = {.at = 1s * random.below(40), .duration = 10s},
                   .order = HoldOrder::reversed},
      DropSettings{.probability = share()},
      BurstSettings{.every = 7s},
      ClockSkewSettings{.offset = UniformDuration{0s, 90s}},
      CorruptSettings{.probability = share(),
                      .kinds = {ActionKind::truncated, ActionKind::bad_utf8,
                                ActionKind::bad_timestamp, ActionKind::empty_payload}}};
  Shape shape;
  for (std::uint64_t i = 0; i < 1 + random.below(4); ++i) {
    add_stage(shape, all[random.below(all.size())]);
  }
  return shape;
}

// A delivery to the consumer, as the broker makes it.
struct Arrival {
  const Delivery* delivery = nullptr;
  bool redelivered = false;
  bool restarts_before = false;
};

// The connection is lost now and then: what was not acknowledged comes again, and some consumers
// were restarted in between.
std::vector<Arrival> random_arrivals(const WholePlan& plan, Random& random) {
  std::vector<Arrival> arrivals;
  for (std::size_t i = 0; i < plan.deliveries.size(); ++i) {
    arrivals.push_back({&plan.deliveries[i], false, false});
    if (random.chance(0.03)) {
      const std::size_t again = std::min<std::size_t>(i + 1, 1 + random.below(4));
      for (std::size_t k = i + 1 - again; k <= i; ++k) {
        arrivals.push_back({&plan.deliveries[k], true, k == i + 1 - again});
      }
    }
  }
  return arrivals;
}

struct Judged {
  Effects effects;
  Verdict verdict;
};

Judged judge(const Flaw& flaw, const WholePlan& plan, const std::vector<Arrival>& arrivals) {
  ModelConsumer consumer(flaw);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (arrivals[i].restarts_before) {
      consumer.restart();
    }
    // One that acknowledges first has lost what it had not worked on, and nothing comes again.
    const bool lost =
        consumer.loses_what_waits() &&
        (arrivals[i].redelivered || (i + 1 < arrivals.size() && arrivals[i + 1].restarts_before));
    if (!lost) {
      consumer.take(arrivals[i].delivery->content->payload);
    }
  }
  Expectation expectation;
  expectation.order = expectation.state = CheckMode::by_default;
  expectation.ties = TieRule::first;
  expectation.same_reading_new_id = SameReadingNewId::handled;
  Verifier verifier({expectation, "consumer", 0, {}, 1});
  EnvelopeReader reader;
  std::uint64_t moment = 0;
  for (const Arrival& arrival : arrivals) {
    const auto envelope = reader.read(arrival.delivery->content->payload);
    const bool has_id = envelope.ok();
    if (!consumer.loses_what_waits() || !arrival.redelivered) {
      verifier.delivered(has_id ? std::optional((*envelope)->message_id) : std::nullopt,
                         ReceivedTime(Duration(++moment)), arrival.redelivered);
    }
  }
  for (const Delivery& delivery : plan.deliveries) {
    verifier.planned(delivery);
  }
  ObservationReader observations;
  std::uint64_t line = 0;
  for (const std::string& said : consumer.log()) {
    const auto observation = observations.read(said);
    REQUIRE(observation.ok());
    verifier.observed(**observation, {ReceivedTime(Duration(++moment)), ++line});
  }
  return {consumer.effects(), verifier.verdict()};
}

std::string first_failure(const Verdict& verdict) {
  for (const CheckResult& check : verdict.checks) {
    if (check.outcome == Outcome::failed) {
      return check.name + ": " + check.findings.front().reading + " " + check.findings.front().text;
    }
  }
  return "nothing failed";
}

}  // namespace

TEST_CASE("Over random scenarios no correct consumer fails, and every wrong effect is found") {
  std::vector<RecordedMessage> tape;
  for (std::uint64_t number = 1; number <= messages_of_a_tape; ++number) {
    tape.push_back(message_at(number));
  }
  std::map<std::string, int> found;
  for (std::uint64_t seed = 1; seed <= scenarios(); ++seed) {
    CAPTURE(seed);
    Random random(seed, "scenario");
    const WholePlan plan = shaped(tape, random_shape(random), seed);
    const auto arrivals = random_arrivals(plan, random);
    const Judged correct = judge({}, plan, arrivals);
    CHECK_MESSAGE(correct.verdict.outcome() == Outcome::passed, first_failure(correct.verdict));
    for (const Flaw& flaw : flaws()) {
      const Judged wrong = judge(flaw, plan, arrivals);
      const bool differs = wrong.effects != correct.effects;
      CAPTURE(flaw.name);
      CHECK_MESSAGE((wrong.verdict.outcome() == Outcome::failed) == differs,
                    first_failure(wrong.verdict));
      found[flaw.name] += differs ? 1 : 0;
    }
  }
  for (const Flaw& flaw : flaws()) {
    CHECK_MESSAGE(found[flaw.name] > 0, flaw.name, " was never exercised");
  }
}
