// Testing a consumer with doctest: the code that handles messages, called in this process.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <autotape/autotape.hpp>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include <doctest/doctest.h>

namespace at = autotape::api;

namespace {

// The code under test: handles each message once.
class Inbox {
 public:
  explicit Inbox(bool remembers) : remembers_(remembers) {}

  // True if the message is new.
  bool take(const std::string& message_id) {
    return !remembers_ || seen_.insert(message_id).second;
  }

 private:
  bool remembers_;
  std::set<std::string> seen_;
};

std::string message_id_of(const std::string& payload) {
  const std::string name = "\"message_id\":\"";
  const std::size_t begin = payload.find(name) + name.size();
  return payload.substr(begin, payload.find('"', begin) - begin);
}

at::Verdict verdict_on(Inbox inbox, const at::Scenario& scenario) {
  return at::observe(scenario, [&](const at::Delivered& message, at::Observer& observer) {
    const std::string id = message_id_of(message.payload);
    if (inbox.take(id)) {
      observer.handled(id);
    }
  });
}

// Twenty readings of one car, each of them published twice.
at::Scenario twice() {
  at::Tape tape;
  for (int i = 10; i < 30; ++i) {
    tape.add_reading("message-" + std::to_string(i), "WATDEMPT0TRA1N001", "diagnostics", "speed",
                     "2026-03-02T06:45:" + std::to_string(i) + "Z", i);
  }
  return at::Scenario::of(tape).duplicate(1).rate("max").require("dedup");
}

}  // namespace

TEST_CASE("an inbox that remembers handles each message once") {
  CHECK(verdict_on(Inbox(true), twice()) == at::passed);
}

TEST_CASE("one that forgets is found out, and the report says by which message") {
  const at::Verdict verdict = verdict_on(Inbox(false), twice());
  CHECK(verdict != at::passed);
  REQUIRE(verdict.check("dedup") != nullptr);
  CHECK(verdict.check("dedup")->violations == 20);
  CHECK(verdict.check("dedup")->findings.front().kind == "duplicated");
  CHECK(verdict.report.find("message-") != std::string::npos);
}

TEST_CASE("an exception that leaves the consumer fails it") {
  const at::Verdict verdict = at::observe(
      twice(), [](const at::Delivered&, at::Observer&) { throw at::Error("no room left"); });
  CHECK(verdict != at::passed);
  REQUIRE(verdict.consumer_faults.size() == 1);
  CHECK(verdict.consumer_faults.front().find("no room left") != std::string::npos);
  CHECK(verdict.report.find("FAILED") == 0);

  const at::Verdict other =
      at::observe(twice(), [](const at::Delivered&, at::Observer&) { throw 42; });
  REQUIRE(other.consumer_faults.size() == 1);
  CHECK(other.consumer_faults.front().find("no std::exception") != std::string::npos);
}

TEST_CASE("a scenario with two consumers calls for each, and they may share what they remember") {
  const std::string source = std::getenv("AUTOTAPE_SOURCE");
  const at::Scenario replicas =
      at::Scenario::open(source + "/scenarios/two-replicas.yaml").rate("max");
  Inbox inbox(true);
  std::set<std::uint32_t> called;
  const at::Verdict verdict =
      at::observe(replicas, [&](const at::Delivered& message, at::Observer& observer) {
        called.insert(message.consumer);
        const std::string id = message_id_of(message.payload);
        if (inbox.take(id)) {
          observer.handled(id);
        }
      });
  CHECK(verdict == at::passed);
  CHECK(called == std::set<std::uint32_t>{1, 2});
}

TEST_CASE("what is wrong in a scenario is told at once") {
  CHECK_THROWS_AS(at::Scenario::open("no-such.yaml"), at::Error);
  CHECK_THROWS_WITH(twice().rate("fast"), "rate \"fast\": is none (write 60, 500/s or max)");
}
