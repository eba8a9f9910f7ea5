#include "journal/broker_event.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

TEST_CASE("a broker event is the same after its journey as a line") {
  BrokerEvent event;
  event.time = ReceivedTime(Duration(1'767'323'045'678'901'234));
  event.kind = BrokerEventKind::redelivered;
  event.client = "client \"quoted\"";
  event.message = 18'446'744'073U;
  event.message_id = "ABC";
  event.mid = std::uint16_t{65'535};
  event.topic = "live/level13/A";
  event.session_present = false;
  const std::string line = write_broker_event(event);
  const auto read = read_broker_event(line, "here");
  REQUIRE_MESSAGE(read.ok(), read.error().line());
  CHECK(write_broker_event(*read) == line);
  CHECK(read->client == event.client);
  CHECK(read->time == event.time);
  CHECK_FALSE(read->rule.has_value());
}

TEST_CASE("what is no broker event is refused with its place") {
  for (const char* line :
       {"", "[]", "{}", R"({"time":"2026-01-01T00:00:00Z","event":"unheard-of"})",
        R"({"time":"yesterday","event":"connected"})"}) {
    CAPTURE(line);
    const auto event = read_broker_event(line, "events.ndjson:7");
    REQUIRE_FALSE(event.ok());
    CHECK(event.error().where == "events.ndjson:7");
  }
}

TEST_CASE("a follower gives whole lines only, and waits for no longer than it is told") {
  const TestFolder folder;
  const std::string path = folder.file("events.ndjson");
  std::ofstream file(path);
  const std::string line = R"({"time":"2026-01-01T00:00:00Z","event":"started"})";
  file << line << "\n" << line.substr(0, 20) << std::flush;
  auto follower = BrokerEventFollower::open(path, EventStart::beginning);
  REQUIRE(follower.ok());
  CHECK((*follower->next(Duration::zero())).has_value());
  CHECK_FALSE((*follower->next(std::chrono::milliseconds(1))).has_value());
  file << line.substr(20) << "\n" << std::flush;
  CHECK((*follower->next(std::chrono::seconds(30))).has_value());
  CHECK(follower->position() == 2 * line.size() + 2);
}
