#include "record/recorder.hpp"

#include <deque>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tape/journal/journaled_writer.hpp"
#include "tape/mcap/mcap_writer.hpp"
#include "tape/ndjson/ndjson_writer.hpp"
#include "tests/unit/support/memory_file.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

Message message_with_id(const std::string& id) {
  Message message;
  message.topic = "sandbox/level13/AA/VIN/diagnostics/get/odometer";
  message.payload = fmt::format(R"({{"message_id":"{}","version":1,"vin":"VIN","data":{{}}}})", id);
  return message;
}

class FakeClock final : public RecorderClock {
 public:
  MonotonicTime monotonic() override { return MonotonicTime(passed); }
  ReceivedTime wall() override { return ReceivedTime(1'700'000'000s + passed + wall_jump); }

  Duration passed{0};
  Duration wall_jump{0};
};

// Gives one prepared batch after the other; a wait without any passes its timeout on the clock.
class FakeSource final : public Source {
 public:
  explicit FakeSource(FakeClock& clock) : clock_(clock) {}

  Result<void> receive(std::vector<SourceEvent>& batch, std::size_t most,
                       Duration timeout) override {
    if (on_receive) {
      on_receive();
    }
    if (batches.empty()) {
      clock_.passed += timeout;
      return {};
    }
    std::vector<SourceEvent>& next = batches.front();
    const std::size_t count = std::min(most, next.size());
    for (std::size_t i = 0; i < count; ++i) {
      given += std::holds_alternative<Message>(next[i]) ? 1U : 0U;
      batch.push_back(next[i]);
    }
    next.erase(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(count));
    if (next.empty()) {
      batches.pop_front();
    }
    return {};
  }

  void acknowledge() override {
    acknowledged = given;
    if (on_acknowledge) {
      on_acknowledge();
    }
  }
  void disconnect() override { disconnected = true; }

  std::deque<std::vector<SourceEvent>> batches;
  std::function<void()> on_receive;
  std::function<void()> on_acknowledge;
  std::uint64_t given = 0;
  std::uint64_t acknowledged = 0;
  bool disconnected = false;

 private:
  FakeClock& clock_;
};

class NotedEvents final : public RecordObserver {
 public:
  void on_receiving() override { ++began_to_receive; }
  void on_silence(Duration since) override { silences.push_back(since); }
  void on_slow_disk(Duration sync) override { slow_syncs.push_back(sync); }
  void on_session_lost() override { ++sessions_lost; }

  std::vector<Duration> silences;
  std::vector<Duration> slow_syncs;
  void on_attempt_failed(const Error&, Duration) override { ++attempts_failed; }

  int began_to_receive = 0;
  int sessions_lost = 0;
  int attempts_failed = 0;
};

struct Recording {
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  FakeClock clock;
  FakeSource source{clock};
  NotedEvents events;
  RecorderSettings settings;
  std::unique_ptr<NdjsonWriter> tape;
  RecordCounts counts;
  StreamAtEnd stream_at_end = StreamAtEnd::complete;

  Result<void> run() {
    if (!tape) {
      AUTOTAPE_TRY_ASSIGN(tape, NdjsonWriter::start(std::make_unique<MemoryFile>(disk), {}));
    }
    Recorder recorder(source, *tape, clock, events, settings);
    const auto result = recorder.run([&] { return source.batches.empty() && !settings.duration; });
    counts = recorder.counts();
    stream_at_end = recorder.stream_at_end();
    return result;
  }

  bool has_marker(std::string_view name) const {
    return disk->synced.find(fmt::format("\"marker\":\"{}\"", name)) != std::string::npos;
  }
};

std::size_t messages_in(const std::string& tape) {
  std::size_t count = 0;
  for (auto at = tape.find("message_id"); at != std::string::npos;
       at = tape.find("message_id", at + 1)) {
    ++count;
  }
  return count;
}

std::vector<std::vector<SourceEvent>> some_batches() {
  std::vector<std::vector<SourceEvent>> batches{{Connected{}, Subscribed{}}};
  int id = 0;
  for (const int size : {1, 5, 2, 7}) {
    std::vector<SourceEvent> batch;
    for (int i = 0; i < size; ++i) {
      batch.emplace_back(message_with_id(fmt::format("{:04}", id++)));
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace

TEST_CASE("A message is acknowledged only when the disk has it") {
  Recording recording;
  for (auto& batch : some_batches()) {
    recording.source.batches.push_back(batch);
  }
  recording.source.on_acknowledge = [&] {
    CHECK(messages_in(recording.disk->synced) == recording.source.acknowledged);
  };
  REQUIRE(recording.run());
  CHECK(recording.source.acknowledged == 15);
  CHECK(recording.counts.messages == 15);
  CHECK(recording.source.disconnected);
  CHECK(recording.has_marker("recording_stopped"));
}

TEST_CASE("Whichever write or sync fails first, nothing is acknowledged that is not on disk") {
  for (const bool for_good : {true, false}) {
    // Counted from a run in which nothing fails.
    for (int n = 1; n < 100; ++n) {
      Recording recording;
      (for_good ? recording.disk->fail_from : recording.disk->fail_only_at) = n;
      for (auto& batch : some_batches()) {
        recording.source.batches.push_back(batch);
      }
      const auto result = recording.run();
      CAPTURE(n);
      if (result) {
        CHECK(recording.disk->operations < n);
        CHECK(n > 10);
        break;
      }
      CHECK(result.error().kind == ErrorKind::file);
      CHECK(messages_in(recording.disk->synced) >= recording.source.acknowledged);
      CHECK(recording.counts.messages == recording.source.acknowledged);
      CHECK_FALSE(recording.source.disconnected);
      CHECK(recording.disk->operations == n);  // the first failure is final
    }
  }
}

TEST_CASE("The same of an MCAP tape and its journal, after a crash of the machine") {
  const TestFolder folder;
  const std::string path = folder.file("tape.mcap");
  for (const bool fails_on_tape : {true, false}) {
    for (int n = 1; n < 100; ++n) {
      CAPTURE(n);
      const auto tape_disk = std::make_shared<MemoryDisk>();
      const auto journal_disk = std::make_shared<MemoryDisk>();
      auto tape =
          mcap::McapWriter::start(std::make_unique<MemoryFile>(tape_disk), {}, folder.file("."));
      REQUIRE(tape);
      REQUIRE((*tape)->write_header());
      JournalWriter journal(std::make_unique<MemoryFile>(journal_disk), 1);
      REQUIRE(journal.restart((*tape)->size()));
      MemoryDisk& failing = fails_on_tape ? *tape_disk : *journal_disk;
      failing.fail_from = failing.operations + n;
      JournaledWriter writer(std::move(*tape), std::move(journal), folder.file("none"), 300);

      Recording recording;
      for (auto& batch : some_batches()) {
        recording.source.batches.push_back(batch);
      }
      Recorder recorder(recording.source, writer, recording.clock, recording.events, {});
      const auto result = recorder.run([&] { return recording.source.batches.empty(); });

      REQUIRE(write_file(path, tape_disk->synced));
      REQUIRE(write_file(journal_path(path), journal_disk->synced));
      auto left = open_tape(path);
      REQUIRE(left);
      RecordedMessage message;
      std::uint64_t messages = 0;
      while (*(*left)->next_message(message)) {
        ++messages;
      }
      CHECK(messages >= recording.source.acknowledged);
      if (result) {
        CHECK(n > 5);
        break;
      }
    }
  }
}

TEST_CASE("A fast recording acknowledges what the system has, and syncs every second") {
  Recording recording;
  recording.settings.durability = Durability::fast;
  for (auto& batch : some_batches()) {
    recording.source.batches.push_back(batch);
  }
  recording.source.on_acknowledge = [&] {
    CHECK(messages_in(recording.disk->written) == recording.source.acknowledged);
    CHECK(messages_in(recording.disk->synced) == 0);
  };
  recording.source.on_receive = [&] {
    if (recording.source.batches.size() == 1) {
      recording.source.on_acknowledge = nullptr;
      recording.clock.passed += 1s;
    }
  };
  REQUIRE(recording.run());
  CHECK(messages_in(recording.disk->synced) == 15);
}

TEST_CASE("A recording of a number of messages takes not one more from the broker") {
  Recording recording;
  recording.settings.count = 4;
  for (auto& batch : some_batches()) {
    recording.source.batches.push_back(batch);
  }
  REQUIRE(recording.run());
  CHECK(recording.counts.messages == 4);
  CHECK(recording.source.given == 4);
  CHECK(messages_in(recording.disk->synced) == 4);
}

TEST_CASE("A recording of a duration ends when it is over, also when nothing comes") {
  Recording recording;
  recording.settings.duration = 2500ms;
  REQUIRE(recording.run());
  CHECK(recording.clock.passed == 2500ms);
}

TEST_CASE("Silence is said once, ten seconds after the last message") {
  Recording recording;
  recording.settings.duration = 40s;
  recording.source.batches.push_back({message_with_id("1")});
  REQUIRE(recording.run());
  REQUIRE(recording.events.silences.size() == 1);
  CHECK(recording.events.silences[0] == 10s);
}

TEST_CASE("No silence is said of a broker that is not there") {
  Recording recording;
  recording.settings.duration = 40s;
  REQUIRE(recording.run());
  CHECK(recording.events.silences.empty());
}

TEST_CASE("A slow disk is said, and nothing more is read until it is done") {
  class SlowTape final : public TapeWriter {
   public:
    explicit SlowTape(Recording& recording) : recording_(recording) {}
    Result<void> append(const RecordedMessage&) override { return {}; }
    Result<void> append(const Marker&) override { return {}; }
    Result<void> sync() override {
      CHECK(recording_.source.given == recording_.source.acknowledged + 1);
      recording_.clock.passed += 3s;
      return {};
    }
    Result<void> close() override { return {}; }
    std::uint64_t size() const override { return 0; }

   private:
    Recording& recording_;
  };
  Recording recording;
  recording.source.batches = {{message_with_id("1")}, {message_with_id("2")}};
  SlowTape tape(recording);
  Recorder recorder(recording.source, tape, recording.clock, recording.events, {});
  REQUIRE(recorder.run([&] { return recording.source.batches.empty(); }));
  REQUIRE(recording.events.slow_syncs.size() == 2);
  CHECK(recording.events.slow_syncs[0] == 3s);
}

TEST_CASE("A lost connection and a lost session are on the tape") {
  Recording recording;
  recording.source.batches = {
      {Connected{false}, Subscribed{}, message_with_id("1")},
      {Disconnected{connection_error("broker:8883", "the broker closed the connection"), 250ms}},
      {Connected{true}, Subscribed{}, message_with_id("2")},
      {Disconnected{connection_error("broker:8883", "the broker closed the connection"), 250ms}},
      {Connected{false}, Subscribed{}}};
  REQUIRE(recording.run());
  CHECK(recording.counts.connections_lost == 2);
  CHECK(recording.counts.sessions_lost == 1);
  CHECK(recording.events.sessions_lost == 1);
  CHECK(recording.has_marker("disconnected"));
  CHECK(recording.has_marker("session_lost"));
}

TEST_CASE("An outage is one lost connection, however often it is tried again") {
  const Error reason = connection_error("broker:8883", "cannot connect");
  Recording recording;
  recording.source.batches = {{Connected{false}, Subscribed{}},
                              {Disconnected{reason, 250ms, true}},
                              {Disconnected{reason, 500ms, false}},
                              {Disconnected{reason, 1s, false}},
                              {Connected{true}, Subscribed{}}};
  REQUIRE(recording.run());
  CHECK(recording.counts.connections_lost == 1);
  CHECK(recording.events.attempts_failed == 2);
  const std::string& tape = recording.disk->synced;
  CHECK(tape.find("\"disconnected\"") == tape.rfind("\"disconnected\""));
}

TEST_CASE("A recording knows whether it had the stream when it ended") {
  const Disconnected lost{connection_error("broker:8883", "gone"), 250ms, true};
  const auto at_end = [](std::vector<std::vector<SourceEvent>> batches, RecorderSettings settings) {
    Recording recording;
    recording.settings = std::move(settings);
    recording.source.batches = {batches.begin(), batches.end()};
    REQUIRE(recording.run());
    return recording.stream_at_end;
  };
  RecorderSettings three_seconds;
  three_seconds.duration = 3s;
  CHECK(at_end({}, three_seconds) == StreamAtEnd::never);
  CHECK(at_end({{Connected{true}}}, three_seconds) == StreamAtEnd::never);
  CHECK(at_end({{Connected{}, Subscribed{}}}, three_seconds) == StreamAtEnd::complete);
  CHECK(at_end({{Connected{}, Subscribed{}}, {lost}}, three_seconds) == StreamAtEnd::lost);
  CHECK(at_end({{Connected{}, Subscribed{}}, {lost}, {Connected{true}, Subscribed{}}}, {}) ==
        StreamAtEnd::complete);
  // What was asked for is on tape, before SUBACK and whatever came after.
  RecorderSettings one_message;
  one_message.count = 1;
  CHECK(at_end({{Connected{true}, message_with_id("1")}}, one_message) == StreamAtEnd::complete);
}

TEST_CASE(
    "A recording has begun with a message that comes before SUBACK, also if it cannot be written") {
  Recording recording;
  recording.source.batches = {{Connected{true}, message_with_id("1")}};
  recording.source.on_receive = [&] { recording.disk->fail_from = recording.disk->operations + 1; };
  CHECK_FALSE(recording.run());
  CHECK(recording.events.began_to_receive == 1);
  CHECK(recording.stream_at_end != StreamAtEnd::never);

  Recording connected_only;
  connected_only.source.batches = {{Connected{true}}};
  REQUIRE(connected_only.run());
  CHECK(connected_only.events.began_to_receive == 0);
}

TEST_CASE("A resumed recording notices that its session is gone") {
  Recording recording;
  recording.settings.expects_session = true;
  recording.source.batches = {{Connected{false}, Subscribed{}}};
  REQUIRE(recording.run());
  CHECK(recording.counts.sessions_lost == 1);
}

TEST_CASE(
    "When the wall clock jumps, received times go on without the jump, and the tape says so") {
  Recording recording;
  recording.settings.duration = 5s;
  recording.source.on_receive = [&] {
    if (recording.clock.passed == 2s && recording.clock.wall_jump == 0s) {
      recording.clock.wall_jump = -1h;
      recording.source.batches.push_back({message_with_id("1")});
    }
  };
  REQUIRE(recording.run());
  CHECK(recording.counts.clock_jumps == 1);
  CHECK(recording.disk->synced.find("the wall clock was set by -1h") != std::string::npos);
  CHECK(recording.disk->synced.find("{\"received\":\"2023-11-14T22:13:22Z\"") != std::string::npos);
}

TEST_CASE("A message_id that was seen is counted, and recorded all the same") {
  Recording recording;
  recording.source.batches = {{message_with_id("A"), message_with_id("B"), message_with_id("A")}};
  REQUIRE(recording.run());
  CHECK(recording.counts.repeated_ids == 1);
  CHECK(recording.counts.messages == 3);
}

TEST_CASE("What is left out by topic or as retained is counted and acknowledged") {
  Recording recording;
  recording.settings.include = {"sandbox/#"};
  recording.settings.exclude = {"+/+/+/+/doors/#"};
  recording.settings.strip_retained = true;
  Message retained = message_with_id("1");
  retained.retain = true;
  Message live = message_with_id("2");
  live.topic = "live/level13/AA/VIN/diagnostics/get/odometer";
  Message doors = message_with_id("3");
  doors.topic = "sandbox/level13/AA/VIN/doors/get/locks";
  recording.source.batches = {{retained, live, doors, message_with_id("4")}};
  REQUIRE(recording.run());
  CHECK(recording.counts.messages == 1);
  CHECK(recording.counts.filtered == 2);
  CHECK(recording.counts.retained_stripped == 1);
  CHECK(recording.source.acknowledged == 4);
}

TEST_CASE("Ids are remembered in bounded memory") {
  RecentIds ids(10);
  CHECK_FALSE(ids.seen("0"));
  for (int i = 1; i < 10; ++i) {
    CHECK_FALSE(ids.seen(std::to_string(i)));
  }
  CHECK(ids.seen("0"));
  for (int i = 100; i < 120; ++i) {
    CHECK_FALSE(ids.seen(std::to_string(i)));
  }
  CHECK_FALSE(ids.seen("0"));
}
