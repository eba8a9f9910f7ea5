#include "replay/replayer.hpp"

#include <algorithm>
#include <deque>

#include <doctest/doctest.h>

#include "replay/lane.hpp"
#include "replay/prefetch.hpp"
#include "replay/rewrite.hpp"
#include "tests/unit/support/memory_tape.hpp"

using namespace autotape;
using namespace autotape::testing;
using namespace std::chrono_literals;

namespace {

// A network and a clock: time passes only while the replayer waits.
class FakeWorld final : public Publisher, public ReplayClock {
 public:
  struct Sent {
    Ticket ticket;
    MonotonicTime at;
  };

  MonotonicTime now() override { return now_; }

  std::size_t lanes() const override { return 1; }
  bool ready(std::size_t) const override { return connected && waiting.size() < most_taken; }
  Result<void> publish(Ticket ticket, const Message& message, std::size_t) override {
    if (message.topic.find('+') != std::string::npos) {
      return file_error({}, "cannot be published");
    }
    sent.push_back({ticket, now_});
    waiting.push_back(ticket);
    most_waiting = std::max(most_waiting, waiting.size());
    now_ += publishing_takes;
    return {};
  }
  Result<void> flush() override { return {}; }
  Result<void> wait(MonotonicTime until, std::vector<PublisherEvent>& events) override {
    if (!planned_events.empty()) {
      events.push_back(planned_events.front());
      planned_events.pop_front();
      if (std::holds_alternative<ConnectionLost>(events.back())) {
        connected = false;
      } else if (auto* const restored = std::get_if<ConnectionRestored>(&events.back())) {
        connected = true;
        restored->sent_again.assign(waiting.begin(), waiting.end());
      }
      return {};
    }
    if (connected && acknowledging && !waiting.empty()) {
      now_ += 1ms;
      events.push_back(PublishAcknowledged{waiting.front(), now_});
      waiting.pop_front();
      return {};
    }
    now_ = std::max(now_, until);
    return {};
  }
  void disconnect() override { disconnected = true; }

  std::vector<Sent> sent;
  std::deque<Ticket> waiting;
  std::size_t most_waiting = 0;
  std::deque<PublisherEvent> planned_events;
  std::size_t most_taken = 1000;
  bool connected = true;
  bool acknowledging = true;
  bool disconnected = false;
  Duration publishing_takes{};

 private:
  MonotonicTime now_ = MonotonicTime(1h);
};

struct Played {
  FakeWorld world;
  ReplaySummary summary;

  std::vector<Duration> sent_after() const {
    std::vector<Duration> times;
    for (const auto& sent : world.sent) {
      times.push_back(sent.at - MonotonicTime(1h));
    }
    return times;
  }
};

void play(Played& played, std::vector<RecordedMessage> messages, ReplaySettings settings,
          const Shape& shape = {}, ReplayControl* control = nullptr) {
  DeliveryPlan plan(tape_of(std::move(messages)), {}, shape, 1);
  Replayer replayer(plan, played.world, played.world, std::move(settings), nullptr, control);
  REQUIRE(replayer.run());
  played.summary = replayer.summary();
}

}  // namespace

TEST_CASE("Deliveries go out at their time, divided by the rate") {
  Played played;
  play(played, numbered_messages(4), {.rate = {ReplayRate::Kind::multiple, 2}});
  const auto times = played.sent_after();
  REQUIRE(times.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(times[i] == 500ms * static_cast<int>(i));
  }
  CHECK(played.summary.finished);
  CHECK(played.summary.acknowledged == 4);
  CHECK(played.world.disconnected);
}

TEST_CASE("A fixed rate counts deliveries, not the tape's time") {
  Played played;
  play(played, numbered_messages(5), {.rate = {ReplayRate::Kind::per_second, 4}});
  CHECK(played.sent_after().back() == 1s);
}

TEST_CASE("The end does not drift, however late single deliveries are") {
  Played played;
  played.world.publishing_takes = 3ms;
  play(played, numbered_messages(3600), {.rate = {ReplayRate::Kind::multiple, 60}});
  CHECK(played.sent_after().back() < 59'984ms + 10ms);
}

TEST_CASE("No more is in flight than the window allows") {
  Played played;
  play(played, numbered_messages(500),
       {.rate = {ReplayRate::Kind::maximum, 0}, .most_in_flight = 10});
  CHECK(played.world.most_waiting == 10);
  CHECK(played.summary.acknowledged == 500);
}

TEST_CASE("No more is sent than the broker takes, and what waits for that is late") {
  Played played;
  played.world.most_taken = 3;
  play(played, numbered_messages(500, 1, 100us), {.most_in_flight = 200});
  CHECK(played.world.most_waiting == 3);
  CHECK(played.summary.acknowledged == 500);
  CHECK(played.summary.lag > 100ms);  // each acknowledgement takes a millisecond
}

TEST_CASE("A message that cannot be published is named by its place on the tape") {
  auto messages = numbered_messages(3);
  messages[1].message.topic = "sandbox/+/x";
  DeliveryPlan plan(tape_of(std::move(messages)), {}, {}, 1);
  FakeWorld world;
  Replayer replayer(plan, world, world, {}, nullptr, nullptr);
  const auto played = replayer.run();
  REQUIRE_FALSE(played);
  CHECK(played.error().where == "message 2");
  CHECK(replayer.summary().sent == 1);
}

TEST_CASE("While the connection is lost nothing is sent, and afterwards nothing is missing") {
  Played played;
  played.world.acknowledging = false;
  played.world.planned_events = {ConnectionLost{connection_error("h:1", "gone")},
                                 PublishAcknowledged{}, ConnectionRestored{}};
  DeliveryPlan plan(tape_of(numbered_messages(3, 1, 1ms)), {}, {}, 1);
  struct AcknowledgeLater final : ReplayControl {
    explicit AcknowledgeLater(FakeWorld& world_) : world(world_) {}
    void on_turn(Replayer&) override {
      world.acknowledging = world.connected && world.planned_events.empty();
    }
    bool should_stop() const override { return false; }
    FakeWorld& world;
  } control(played.world);
  Replayer replayer(plan, played.world, played.world, {.most_in_flight = 2}, nullptr, &control);
  REQUIRE(replayer.run());
  CHECK(replayer.summary().sent == 3);
  CHECK(replayer.summary().acknowledged == 3);
  CHECK(replayer.summary().connections_lost == 1);
  CHECK(replayer.summary().sent_again >= 1);
}

TEST_CASE("A replay that cannot keep up ends where the allowed lag is exceeded") {
  Played played;
  played.world.publishing_takes = 300ms;
  play(played, numbered_messages(100, 1, 100ms), {.max_lag = 1s});
  CHECK(played.summary.fell_behind);
  CHECK_FALSE(played.summary.finished);
  CHECK(played.summary.sent < 10);
}

TEST_CASE("Acknowledgements that never come do not keep a replay for ever") {
  Played played;
  played.world.acknowledging = false;
  play(played, numbered_messages(2), {.acknowledged_within = 5s});
  CHECK(played.summary.unacknowledged() == 2);
}

TEST_CASE(
    "A replay that is stopped waits for acknowledgements as long as it is told to, and no longer") {
  struct StopAfterTheSecond final : ReplayControl {
    void on_turn(Replayer& replayer) override { stop = replayer.summary().sent == 2; }
    bool should_stop() const override { return stop; }
    bool stop = false;
  } control;
  Played played;
  played.world.acknowledging = false;
  const MonotonicTime begin = played.world.now();
  play(played, numbered_messages(3), {.acknowledged_within = 1h, .stopped_within = 5s}, {},
       &control);
  CHECK(played.summary.unacknowledged() == 2);
  CHECK(played.world.now() - begin < 10s);
}

TEST_CASE("A pause moves everything behind it, and a step sends one delivery") {
  struct Control final : ReplayControl {
    void on_turn(Replayer& replayer) override {
      if (turn == 0) {
        replayer.toggle_pause();
      } else if (turn == 10) {
        replayer.step();
      } else if (turn == 20) {
        sent_while_paused = replayer.summary().sent;
        replayer.toggle_pause();
      }
      ++turn;
    }
    bool should_stop() const override { return false; }
    int turn = 0;
    std::uint64_t sent_while_paused = 0;
  } control;
  Played played;
  play(played, numbered_messages(3), {}, {}, &control);
  CHECK(control.sent_while_paused == 1);
  const auto times = played.sent_after();
  REQUIRE(times.size() == 3);
  CHECK(times[2] - times[1] == 1s);
  CHECK(times[1] > 1500ms);
}

TEST_CASE("A rate that is doubled on the way halves what is left") {
  struct Control final : ReplayControl {
    void on_turn(Replayer& replayer) override {
      if (!done && replayer.summary().sent == 3) {
        replayer.multiply_rate(2);
        done = true;
      }
    }
    bool should_stop() const override { return false; }
    bool done = false;
  } control;
  Played played;
  play(played, numbered_messages(11), {}, {}, &control);
  CHECK(played.sent_after().back() >= 6s);
  CHECK(played.sent_after().back() < 6s + 10ms);
}

TEST_CASE("Counts say what was done, and which stage dropped what") {
  Shape shape;
  add_stage(shape, DuplicateSettings{1, 1, FixedDuration{1s}});
  add_stage(shape, GapSettings{{0s, 1s, {}}});
  Played played;
  play(played, numbered_messages(3), {}, shape);
  CHECK(played.summary.by_action["copied"] == 3);
  CHECK(played.summary.by_dropping_stage["gap"] == 1);
  CHECK(played.summary.sent == 5);
}

TEST_CASE("A plan made ahead in another thread is the same plan") {
  const Shape shape = one_stage(ReorderSettings{ReorderMode::late, 7});
  PrefetchedPlan ahead(
      std::make_unique<DeliveryPlan>(tape_of(numbered_messages(5000)), Selection{}, shape, 3));
  CHECK(message_numbers(whole_plan(ahead)) ==
        message_numbers(shaped(numbered_messages(5000), shape, 3)));
}

TEST_CASE("A plan made ahead may be abandoned") {
  PrefetchedPlan ahead(
      std::make_unique<DeliveryPlan>(tape_of(numbered_messages(50'000)), Selection{}, Shape{}, 3));
  CHECK(ahead.next());
}

TEST_CASE("Rewriting names the broker's application, other cars and another day") {
  RewrittenPlan plan(
      std::make_unique<DeliveryPlan>(tape_of(numbered_messages(2)), Selection{}, Shape{}, 1),
      {.environment = "live",
       .app_id = "FFFFFFFFFFFFFFFFFFFFFFFF",
       .vins = {{"CAR0", "OTHER"}},
       .first_data_time = DataTime(std::chrono::seconds(0))});
  const WholePlan whole = whole_plan(plan);
  const Message& message = *whole.deliveries[1].content;
  CHECK(message.topic == "live/level13/FFFFFFFFFFFFFFFFFFFFFFFF/OTHER/diagnostics/get/speed");
  CHECK(message.payload.find("\"vin\":\"OTHER\"") != std::string::npos);
  CHECK(message.payload.find("\"timestamp\":\"1970-01-01T00:00:00.000Z\"") != std::string::npos);
}

TEST_CASE("Shards share the deliveries by car and leave none out") {
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < 3; ++i) {
    Shard shard(std::make_unique<DeliveryPlan>(tape_of(numbered_messages(300, 30)), Selection{},
                                               Shape{}, 1),
                i, 3);
    const auto part = message_numbers(whole_plan(shard));
    CHECK(part.size() < 200);
    numbers.insert(numbers.end(), part.begin(), part.end());
  }
  std::sort(numbers.begin(), numbers.end());
  CHECK(numbers == message_numbers(shaped(numbered_messages(300, 30), {})));
}

TEST_CASE("Rates are read as they are written") {
  CHECK(parse_replay_rate("60") == ReplayRate{ReplayRate::Kind::multiple, 60});
  CHECK(parse_replay_rate("0.5x") == ReplayRate{ReplayRate::Kind::multiple, 0.5});
  CHECK(parse_replay_rate("500/s") == ReplayRate{ReplayRate::Kind::per_second, 500});
  CHECK(parse_replay_rate("max")->kind == ReplayRate::Kind::maximum);
  for (const char* wrong : {"", "0", "-1", "fast", "60/m", "1e30", "/s", "nan"}) {
    CHECK_FALSE(parse_replay_rate(wrong));
  }
}
