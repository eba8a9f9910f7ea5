// A consumer's story, told to the verifier.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "verify/verifier.hpp"

namespace autotape {

// A stream to a consumer and what the consumer says, told line by line.
class Story {
 public:
  explicit Story(Expectation expectation = {}, double rate = 1)
      : expectation_(expectation), rate_(rate) {}

  // An odometer reading, `second` seconds after 10:00, that is delivered `times` times.
  Story& sends(const std::string& id, int second, int value, std::vector<ActionKind> actions = {}) {
    const std::string payload = fmt::format(
        R"({{"message_id":"{}","version":1,"vin":"V1","capability":"diagnostics","property":"odometer",)"
        R"("data":{{"diagnostics":{{"odometer":{{"data":{{"unit":"kilometers","value":{}}},)"
        R"("timestamp":"2021-11-01T10:00:{:02}Z"}}}}}}}})",
        id, value, second);
    return sends_payload(id, payload, std::move(actions));
  }

  Story& sends_payload(const std::string& id, const std::string& payload,
                       std::vector<ActionKind> actions = {}) {
    Delivery delivery;
    delivery.index = plan_.size() + 1;
    Message message;
    message.topic = "t";
    message.payload = payload;
    delivery.content = std::make_shared<const Message>(std::move(message));
    for (const ActionKind kind : actions) {
      delivery.actions.push_back({0, kind});
    }
    plan_.push_back(delivery);
    delivered_.push_back({id, now_, false});
    now_ += std::chrono::seconds(1);
    return *this;
  }

  // Published, and never delivered: the consumer had thrown its session away.
  Story& misses(const std::string& id, int second, int value) {
    sends(id, second, value);
    delivered_.pop_back();
    missed_.push_back(id);
    return *this;
  }

  Story& redelivers(const std::string& id) {
    delivered_.push_back({id, now_, true});
    return *this;
  }

  Story& acknowledges(const std::string& id) {
    acknowledged_.push_back(id);
    return *this;
  }

  // Its consumer was ended then.
  Story& is_cut_short() {
    cut_short_ = true;
    return *this;
  }

  Story& passes(Duration time) {
    now_ += time;
    return *this;
  }

  // No byte passed the proxy for so long.
  Story& pauses(Duration time) {
    pauses_.emplace_back(now_, now_ + time);
    return passes(time);
  }

  Story& says(const std::string& line) {
    said_.push_back({line, now_, consumer_});
    return *this;
  }

  // Of several consumers, the one that says what follows.
  Story& consumer(std::uint32_t number) {
    consumer_ = number;
    return *this;
  }

  Story& handles(const std::string& id) {
    return says(fmt::format(R"({{"message_id":"{}"}})", id));
  }

  Story& applies(const std::string& id, int second, int value, bool applied = true) {
    return says(fmt::format(
        R"({{"message_id":"{}","readings":[{{"vin":"V1","capability":"diagnostics","property":"odometer",)"
        R"("timestamp":"2021-11-01T10:00:{:02}Z","value":{{"unit":"kilometers","value":{}}},"applied":{}}}]}})",
        id, second, value, applied));
  }

  Verdict verdict() const {
    const auto verifier = fed_verifier();
    return verifier->verdict();
  }

  // Where `clean` is the same consumer's story of the clean stream.
  Verdict verdict_beside(const Story& clean) const {
    const auto verifier = fed_verifier();
    verifier->compare_with(*clean.fed_verifier());
    return verifier->verdict();
  }

 private:
  std::unique_ptr<Verifier> fed_verifier() const {
    VerifierSettings settings;
    settings.expectation = expectation_;
    settings.rate = rate_;
    settings.cut_short = cut_short_;
    auto fed = std::make_unique<Verifier>(settings);
    Verifier& verifier = *fed;
    for (const auto& [id, at, redelivered] : delivered_) {
      verifier.delivered(id.empty() ? std::nullopt : std::optional<std::string_view>(id), at,
                         redelivered);
    }
    for (const std::string& id : acknowledged_) {
      verifier.acknowledged(id);
    }
    for (const auto& [from, to] : pauses_) {
      verifier.held_up(from, to);
    }
    for (const Delivery& delivery : plan_) {
      verifier.planned(delivery);
    }
    for (const std::string& id : missed_) {
      verifier.session_lost(id);
    }
    ObservationReader reader;
    std::uint64_t line = 0;
    for (const auto& [text, at, consumer] : said_) {
      const auto observation = reader.read(text);
      ++line;
      observation ? verifier.observed(**observation, {at, line, consumer})
                  : verifier.unreadable(observation.error().line(), line);
    }
    return fed;
  }

  struct Delivered {
    std::string id;
    ReceivedTime at;
    bool redelivered;
  };
  struct Said {
    std::string line;
    ReceivedTime at;
    std::uint32_t consumer;
  };
  Expectation expectation_;
  double rate_;
  ReceivedTime now_{};
  std::vector<Delivery> plan_;
  std::vector<Delivered> delivered_;
  std::vector<std::string> acknowledged_;
  std::vector<std::string> missed_;
  bool cut_short_ = false;
  std::vector<Said> said_;
  std::vector<std::pair<ReceivedTime, ReceivedTime>> pauses_;
  std::uint32_t consumer_ = 1;
};

inline Outcome outcome(const Verdict& verdict, std::string_view check) {
  return verdict.check(check)->outcome;
}

inline FindingKind first_finding(const Verdict& verdict, std::string_view check) {
  REQUIRE_FALSE(verdict.check(check)->findings.empty());
  return verdict.check(check)->findings.front().kind;
}

inline Expectation require(CheckMode Expectation::*check) {
  Expectation expectation;
  expectation.*check = CheckMode::required;
  return expectation;
}

inline const auto copied = std::vector{ActionKind::copied};

}  // namespace autotape
