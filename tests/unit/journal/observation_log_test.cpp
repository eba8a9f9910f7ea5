#include "journal/observation_log.hpp"

#include <doctest/doctest.h>

#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

TEST_CASE("Observations are read back word for word, with consumer, time and number") {
  const TestFolder folder;
  const std::string path = folder.file("observations.ndjson");
  const ReceivedTime time{std::chrono::nanoseconds(1635762790123456789)};
  {
    auto log = ObservationLog::create(path);
    REQUIRE(log.ok());
    (*log)->append(1, R"( {"message_id": "A,\"said\":"}  )", time);
    (*log)->append(2, "hello \xFF", time);
    (*log)->append(1, R"({"message_id":"B"})", time);
    CHECK((*log)->failure().ok());
    CHECK((*log)->lines() == 3);
  }
  auto reader = ObservationLogReader::open(path);
  REQUIRE(reader.ok());
  LoggedObservation observation;
  REQUIRE(*reader->next(observation));
  CHECK(observation.said == R"({"message_id": "A,\"said\":"})");
  CHECK(observation.time == time);
  CHECK(observation.consumer == 1);
  CHECK(observation.line == 1);
  CHECK(observation.readable);
  REQUIRE(*reader->next(observation));
  CHECK(observation.consumer == 2);
  CHECK_FALSE(observation.readable);
  CHECK(observation.said == "hello \\xFF");
  CHECK(observation.why == "is not valid UTF-8");
  REQUIRE(*reader->next(observation));
  CHECK(observation.consumer == 1);
  CHECK(observation.line == 2);
  CHECK_FALSE(*reader->next(observation));
}

TEST_CASE("A line that we did not write is an error with its place") {
  const TestFolder folder;
  const std::string path = folder.file("observations.ndjson");
  for (const char* line : {R"({"message_id":"A"})", "x", R"({"time":"now","consumer":1,"said":1})",
                           R"({"time":"2021-11-01T10:33:10Z","consumer":0,"said":{}})",
                           R"({"time":"2021-11-01T10:33:10Z","consumer":1,"unreadable":)"}) {
    CAPTURE(line);
    REQUIRE(write_file(path, std::string(line) + "\n").ok());
    auto reader = ObservationLogReader::open(path);
    LoggedObservation observation;
    const auto read = reader->next(observation);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().line() == path + ":1: is no line of observations");
  }
}
