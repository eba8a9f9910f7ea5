#include "run/consumer.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

namespace {

constexpr Duration long_enough = std::chrono::seconds(20);

// A shell script as a consumer, in a folder of its own.
struct Stage {
  Stage() { log = std::move(ObservationLog::create(folder.file("observations.ndjson"))).value(); }

  void start(const std::string& script, ObservationChannel channel = ObservationChannel::file) {
    auto created = Consumer::create({.number = 1,
                                     .command = {"sh", "-c", script, "sh", "{host}"},
                                     .settings = {{"HOST", "there"}},
                                     .folder = folder.file("1"),
                                     .channel = channel},
                                    *log, changed);
    REQUIRE(created.ok());
    consumer = std::move(created).value();
    REQUIRE(consumer->start().ok());
  }

  bool sees_lines(std::uint64_t count) {
    return changed.wait_for(long_enough, [&] { return consumer->lines() >= count; });
  }

  std::vector<std::string> said() {
    auto reader = ObservationLogReader::open(folder.file("observations.ndjson"));
    std::vector<std::string> lines;
    LoggedObservation observation;
    while (*reader->next(observation)) {
      lines.emplace_back(observation.said);
    }
    return lines;
  }

  const TestFolder folder;  // outlives the consumer, which works in it
  std::unique_ptr<ObservationLog> log;
  ChangeSignal changed;
  std::unique_ptr<Consumer> consumer;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Stage, "A consumer's observations are read while it runs, whatever the channel") {
  SUBCASE("file") {
    start(R"(echo '{"message_id":"A"}' >> "$AUTOTAPE_OBSERVATIONS"; cat /dev/zero > /dev/null)");
  }
  SUBCASE("pipe") {
    start(R"(echo '{"message_id":"A"}' >> "$AUTOTAPE_OBSERVATIONS"; cat /dev/zero > /dev/null)",
          ObservationChannel::pipe);
  }
  SUBCASE("standard output") {
    start(R"(echo 'I start'; echo '{"message_id":"A"}'; cat /dev/zero > /dev/null)",
          ObservationChannel::output);
  }
  SUBCASE("HTTP") {
    start(R"(python3 -c 'import os, urllib.request as http
http.urlopen(os.environ["AUTOTAPE_OBSERVATIONS_URL"], b"{\"message_id\":\"A\"}")'; cat /dev/zero > /dev/null)",
          ObservationChannel::http);
  }
  CHECK(sees_lines(1));
  CHECK(consumer->kill()->signal == SIGKILL);
  CHECK(said() == Lines{R"({"message_id":"A"})"});
}

TEST_CASE_FIXTURE(Stage,
                  "What a consumer writes at its very end is read too, and a line without end") {
  start(R"(trap 'printf "{\"message_id\":\"B\"}" >> "$AUTOTAPE_OBSERVATIONS"; exit 0' TERM
           echo '{"message_id":"A"}' >> "$AUTOTAPE_OBSERVATIONS"; while :; do sleep 0.01; done)");
  REQUIRE(sees_lines(1));
  CHECK(consumer->stop(long_enough)->succeeded());
  consumer->finish_observations();
  CHECK(said() == Lines{R"({"message_id":"A"})", R"({"message_id":"B"})"});
}

TEST_CASE_FIXTURE(Stage, "A restarted consumer goes on in its folder and its file") {
  start(R"(cat "$AUTOTAPE_OBSERVATIONS"
           echo '{"message_id":"A"}' >> "$AUTOTAPE_OBSERVATIONS"; exec sleep 1000)");
  REQUIRE(sees_lines(1));
  consumer->kill();
  REQUIRE(consumer->start().ok());
  CHECK(sees_lines(2));
  consumer->kill();
  consumer->finish_observations();
  CHECK(said().size() == 2);
  CHECK(consumer->output_tail() == "{\"message_id\":\"A\"}\n");
}

TEST_CASE_FIXTURE(Stage, "Settings reach the environment and the arguments; output is kept") {
  start(
      R"(echo "$AUTOTAPE_HOST $1 $AUTOTAPE_CONSUMER" >&2; cd "$AUTOTAPE_FOLDER" && touch mine; exit 3)");
  CHECK(changed.wait_for(long_enough, [&] { return consumer->ended().has_value(); }) == true);
  CHECK(consumer->ended()->exit_code == 3);
  consumer->stop({});
  CHECK(consumer->output_tail() == "there there 1\n");
  CHECK(std::filesystem::exists(folder.file("1/mine")));
  CHECK(*read_file(folder.file("1/output.log")) == "there there 1\n");
}
