// Testing a consumer with GoogleTest: a program of its own, and a broker for clients of one's own.
#include <autotape/autotape.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace at = autotape::api;

namespace {

std::string source_folder() {
  return std::getenv("AUTOTAPE_SOURCE");
}

std::vector<std::string> consumer(const std::string& name) {
  return {"/usr/bin/python3", source_folder() + "/fixtures/consumers/" + name};
}

at::Scenario commute() {
  return at::Scenario::open(source_folder() + "/fixtures/tapes/commute.ndjson")
      .rate("max")
      .duplicate(0.1)
      .reorder(20)
      .require("order");
}

}  // namespace

TEST(Consumer, SurvivesDuplicatesAndDisorder) {
  EXPECT_EQ(at::run(commute(), consumer("python/consumer.py")), at::passed);
}

TEST(Consumer, WhereTheLastArrivalWinsIsFoundOut) {
  const at::Verdict verdict = at::run(commute(), consumer("wrong/last_arrival_wins.py"));
  EXPECT_NE(verdict, at::passed);
  ASSERT_NE(verdict.check("order"), nullptr);
  EXPECT_EQ(verdict.check("order")->outcome, at::Outcome::failed);
}

TEST(Tape, IsOpenedAsItWasSavedAndOverwritesNothing) {
  const std::string path =
      testing::TempDir() + "autotape-" + std::to_string(::getpid()) + ".ndjson";
  at::Tape tape;
  tape.add_reading("a", "WATDEMPT0TRA1N001", "diagnostics", "speed", "2026-03-02T06:45:00Z", 50);
  tape.add({"live/level13/A/V/c/get/p", "any \"text\"", std::chrono::seconds(3)});
  tape.save(path);
  EXPECT_THROW(tape.save(path), at::Error);
  const at::Tape opened = at::Tape::open(path);
  ASSERT_EQ(opened.messages().size(), 2U);
  EXPECT_EQ(opened.messages().front().payload, tape.messages().front().payload);
  EXPECT_EQ(opened.messages().back().topic, "live/level13/A/V/c/get/p");
  EXPECT_EQ(opened.messages().back().payload, "any \"text\"");
  EXPECT_EQ(opened.messages().back().at, std::chrono::seconds(3));
  std::remove(path.c_str());
  EXPECT_THROW(at::Tape::open(path), at::Error);
}

TEST(MockBroker, TakesWhatIsPlayedToIt) {
  at::MockBroker broker;
  const at::Connection consumer = broker.consumer();
  EXPECT_GT(consumer.port, 0);
  at::Tape tape;
  tape.add_reading("a", "WATDEMPT0TRA1N001", "diagnostics", "speed", "2026-03-02T06:45:00Z", 50);
  EXPECT_EQ(broker.play(at::Scenario::of(tape).rate("max")), 1U);
  broker.start_over();
  EXPECT_EQ(broker.consumer().client_id, consumer.client_id);
}
