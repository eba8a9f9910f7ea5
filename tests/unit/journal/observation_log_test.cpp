#include "journal/observation_log.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

using namespace autotape;

namespace {

struct TemporaryFile {
  std::string path = fmt::format("{}/autotape-observations-{}.ndjson",
                                 std::filesystem::temp_directory_path().string(), ::getpid());
  ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("Observations are read back word for word, with consumer, time and number") {
  const TemporaryFile file;
  const ReceivedTime time{std::chrono::nanoseconds(1635762790123456789)};
  {
    auto log = ObservationLog::create(file.path);
    REQUIRE(log.ok());
    (*log)->append(1, R"( {"message_id": "A,\"said\":"}  )", time);
    (*log)->append(2, "hello \xFF", time);
    (*log)->append(1, R"({"message_id":"B"})", time);
    CHECK((*log)->failure().ok());
    CHECK((*log)->lines() == 3);
  }
  auto reader = ObservationLogReader::open(file.path);
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
  const TemporaryFile file;
  for (const char* line : {R"({"message_id":"A"})", "x", R"({"time":"now","consumer":1,"said":1})",
                           R"({"time":"2021-11-01T10:33:10Z","consumer":0,"said":{}})",
                           R"({"time":"2021-11-01T10:33:10Z","consumer":1,"unreadable":)"}) {
    CAPTURE(line);
    REQUIRE(write_file(file.path, std::string(line) + "\n").ok());
    auto reader = ObservationLogReader::open(file.path);
    LoggedObservation observation;
    const auto read = reader->next(observation);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().line() == file.path + ":1: is no line of observations");
  }
}
