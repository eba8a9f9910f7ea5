// Observation logs with one mistake at a random place: each mistake is found, and a log without one
// passes.
#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/random.hpp"
#include "verify/verifier.hpp"

using namespace autotape;

namespace {

constexpr int cars = 3;
constexpr int messages_of_a_car = 40;

struct Sent {
  std::string id;
  int car = 0;
  int second = 0;

  std::string vin() const { return fmt::format("CAR{}", car); }
  std::string timestamp() const {
    return fmt::format("2026-03-02T06:{:02}:{:02}Z", second / 60, second % 60);
  }
};

// A random stream: out of order, with duplicates; and what a correct consumer says of it.
class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed) : random_(seed, "run") {
    for (int car = 0; car < cars; ++car) {
      for (int second = 0; second < messages_of_a_car; ++second) {
        stream_.push_back({fmt::format("ID-{}-{}", car, second), car, second});
      }
    }
    std::sort(stream_.begin(), stream_.end(), [](const Sent& a, const Sent& b) {
      return std::pair(a.second, a.car) < std::pair(b.second, b.car);
    });
    for (std::size_t i = 0; i < stream_.size(); ++i) {
      std::swap(stream_[i], stream_[std::min(i + random_.below(5), stream_.size() - 1)]);
    }
    for (int i = 0; i < 20; ++i) {
      const std::size_t from = random_.below(stream_.size());
      const Sent copy = stream_[from];
      stream_.insert(stream_.begin() + static_cast<std::ptrdiff_t>(
                                           from + 1 + random_.below(stream_.size() - from)),
                     copy);
    }
    consume();
  }

  std::vector<std::string>& log() { return log_; }
  Random& random() { return random_; }
  std::size_t any_line() { return random_.below(log_.size()); }

  // A line whose reading was not the first of its car and not the last: an older and a newer one
  // exist.
  std::size_t applied_line() {
    while (true) {
      const std::size_t line = any_line();
      if (log_[line].find("\"applied\":true") != std::string::npos && line > 30) {
        return line;
      }
    }
  }

  Verdict verdict() const {
    Expectation expectation;
    expectation.completeness = expectation.dedup = CheckMode::required;
    expectation.order = expectation.state = CheckMode::required;
    Verifier verifier({expectation, "consumer", 0, {}, 1});
    std::uint64_t index = 0;
    for (const Sent& sent : stream_) {
      Delivery delivery;
      delivery.index = ++index;
      auto message = std::make_shared<Message>();
      message->payload = fmt::format(
          R"({{"message_id":"{}","version":1,"vin":"{}","capability":"c","property":"p",)"
          R"("data":{{"c":{{"p":{{"data":{},"timestamp":"{}"}}}}}}}})",
          sent.id, sent.vin(), sent.second, sent.timestamp());
      delivery.content = std::move(message);
      verifier.delivered(sent.id, ReceivedTime(Duration(index)), false);
      verifier.planned(delivery);
    }
    ObservationReader reader;
    for (std::size_t i = 0; i < log_.size(); ++i) {
      const auto observation = reader.read(log_[i]);
      observation ? verifier.observed(**observation, {ReceivedTime(Duration(index + i)), i + 1})
                  : verifier.unreadable(observation.error().line(), i + 1);
    }
    return verifier.verdict();
  }

 private:
  void consume() {
    std::vector<std::string> handled;
    std::vector<int> newest(cars, -1);
    for (const Sent& sent : stream_) {
      if (std::find(handled.begin(), handled.end(), sent.id) != handled.end()) {
        continue;
      }
      handled.push_back(sent.id);
      auto& known = newest[static_cast<std::size_t>(sent.car)];
      log_.push_back(fmt::format(
          R"({{"message_id":"{}","readings":[{{"vin":"{}","capability":"c","property":"p","timestamp":"{}","value":{},"applied":{}}}]}})",
          sent.id, sent.vin(), sent.timestamp(), sent.second, sent.second > known));
      known = std::max(known, sent.second);
    }
  }

  Random random_;
  std::vector<Sent> stream_;
  std::vector<std::string> log_;
};

bool replace(std::string& text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) {
    text.replace(at, what.size(), by);
  }
  return at != std::string::npos;
}

template <typename Mutate>
void check_found(FindingKind kind, const char* check, const Mutate& mutate) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    RandomRun run(seed);
    mutate(run);
    const Verdict verdict = run.verdict();
    const auto* const result = verdict.check(check);
    CHECK(result->outcome == Outcome::failed);
    REQUIRE_FALSE(result->findings.empty());
    CHECK(result->findings.front().kind == kind);
  }
}

}  // namespace

TEST_CASE("An untouched log passes") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    CHECK(RandomRun(seed).verdict().outcome() == Outcome::passed);
  }
}

TEST_CASE("A line that is missing is a loss") {
  check_found(FindingKind::lost, "completeness", [](RandomRun& run) {
    run.log().erase(run.log().begin() + static_cast<std::ptrdiff_t>(run.any_line()));
  });
}

TEST_CASE("A line that comes twice is a duplicate, wherever it comes") {
  check_found(FindingKind::duplicated, "dedup", [](RandomRun& run) {
    const std::string line = run.log()[run.any_line()];
    run.log().insert(run.log().begin() + static_cast<std::ptrdiff_t>(run.any_line()), line);
  });
}

TEST_CASE("A message that nobody sent is unexpected") {
  check_found(FindingKind::unexpected, "completeness", [](RandomRun& run) {
    run.log().insert(run.log().begin() + static_cast<std::ptrdiff_t>(run.any_line()),
                     R"({"message_id":"ID-9-9"})");
  });
}

TEST_CASE("An older reading that is applied is out of order") {
  check_found(FindingKind::reordered, "order", [](RandomRun& run) {
    for (std::string& line : run.log()) {
      if (replace(line, "\"applied\":false", "\"applied\":true")) {
        return;
      }
    }
  });
}

TEST_CASE("A last value that differs is a corrupted state") {
  check_found(FindingKind::corrupted, "state", [](RandomRun& run) {
    for (auto line = run.log().rbegin(); line != run.log().rend(); ++line) {
      if (line->find("\"applied\":true") != std::string::npos) {
        replace(*line, "\"value\":", "\"value\":7");
        return;
      }
    }
  });
}
