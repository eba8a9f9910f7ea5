// What each check makes of what the verifier has seen.
#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "verify/verifier.hpp"

namespace autotape {
namespace {

// How a check ends. Without a violation it depends on whether anything could have caused one.
void conclude(CheckResult& result, CheckMode mode, bool exercised, std::string passed,
              std::string unexercised) {
  if (mode == CheckMode::off) {
    result.outcome = Outcome::off;
  } else if (result.violations > 0) {
    result.outcome = Outcome::failed;
  } else if (exercised) {
    result.outcome = Outcome::passed;
    result.summary = std::move(passed);
  } else {
    result.outcome = mode == CheckMode::required ? Outcome::unknown : Outcome::unexercised;
    result.summary = std::move(unexercised);
  }
}

CheckResult of(std::string name, std::uint64_t violations = 0, std::vector<Finding> findings = {}) {
  CheckResult result;
  result.name = std::move(name);
  result.violations = violations;
  result.findings = std::move(findings);
  return result;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", describe_count(count), count == 1 ? one : many);
}

}  // namespace

bool Verifier::needs_state() const {
  return expectation_.state != CheckMode::off || expectation_.metamorphic != CheckMode::off;
}

// What a consumer had in hand when it was ended, nobody can demand of it.
bool Verifier::reached_it(const MessageState& state) const {
  return state.deliveries + state.redeliveries > 0 &&
         (!settings_.cut_short || state.is(MessageState::acknowledged));
}

bool Verifier::required_to_handle(const MessageState& state) const {
  const bool never_sent = state.deliveries + state.redeliveries == 0;
  if (!state.is(MessageState::valid) || state.is(MessageState::may_be_dropped) ||
      (never_sent ? !state.is(MessageState::session_lost) : !reached_it(state))) {
    return false;
  }
  return !state.is(MessageState::repeats_reading) ||
         expectation_.same_reading_new_id == SameReadingNewId::handled;
}

// What came broken need not be handled, however often it came.
std::uint32_t Verifier::least_handlings(const MessageState& state) const {
  if (!required_to_handle(state)) {
    return 0;
  }
  if (!state.is(MessageState::several_contents) ||
      expectation_.same_id_new_content != SameIdNewContent::handled_each_time) {
    return 1;
  }
  const auto& contents = contents_.at(state.id);
  return static_cast<std::uint32_t>(
      std::count_if(contents.begin(), contents.end(), [](const auto& one) { return one.second; }));
}

std::uint32_t Verifier::most_handlings(const MessageState& state) const {
  if (state.is(MessageState::several_contents) &&
      expectation_.same_id_new_content != SameIdNewContent::handled_once) {
    return state.contents;
  }
  if (state.is(MessageState::repeats_reading) &&
      expectation_.same_reading_new_id == SameReadingNewId::left_out) {
    return 0;
  }
  return 1;
}

CheckResult Verifier::completeness() const {
  CheckResult result = of("completeness");
  Findings found = incomplete_;
  std::uint64_t required = 0;
  messages_.for_each([&](const MessageState& state) {
    const std::uint32_t least = least_handlings(state);
    required += least > 0 ? 1U : 0U;
    if (state.handled >= least) {
      return;
    }
    Finding lost;
    lost.message = state.id;
    lost.text = state.deliveries + state.redeliveries == 0
                    ? "was published while the consumer had no subscription: it had thrown its "
                      "session away (Clean Session, or an expiry of 0), or unsubscribed"
                : state.is(MessageState::rejected) ? "was delivered, is valid, and was refused"
                : state.handled > 0 ? "came with several contents, and not each was handled"
                                    : "was delivered and never handled";
    found.add(std::move(lost));
  });
  result.violations = found.count;
  result.findings = std::move(found.first);
  result.summary = fmt::format("{} of {} broken", describe_count(found.count),
                               counted(required, "message", "messages"));
  conclude(result, expectation_.completeness, required > 0,
           fmt::format("{} delivered, each was handled", counted(required, "message", "messages")),
           settings_.cut_short ? "no valid message was acknowledged in time before its end"
                               : "no valid message was delivered");
  return result;
}

CheckResult Verifier::dedup() const {
  CheckResult result = of("dedup", repeated_.count, repeated_.first);
  const CheckMode mode =
      expectation_.processing == Processing::idempotent ? CheckMode::off : expectation_.dedup;
  result.summary = fmt::format("{} too many, of {} duplicate deliveries",
                               counted(repeated_.count, "handling", "handlings"),
                               describe_count(facts_.duplicates));
  if (compressed_duplicates_ > 0 && repeated_.count == 0 && mode != CheckMode::off) {
    result.outcome = mode == CheckMode::required ? Outcome::unknown : Outcome::unexercised;
    result.summary = fmt::format(
        "{} lay within the consumer's memory of {} only because the replay is {:.3g} times as "
        "fast: they came {} behind the first; let it scale its memory by AUTOTAPE_RATE, or replay "
        "more slowly",
        counted(compressed_duplicates_, "duplicate", "duplicates"),
        format_duration(*expectation_.dedup_memory), settings_.rate, describe(facts_.distance));
    return result;
  }
  conclude(result, mode, facts_.duplicates > 0 && facts_.handled > 0,
           fmt::format("{}, none was handled twice",
                       counted(facts_.duplicates, "duplicate delivery", "duplicate deliveries")),
           facts_.duplicates > 0 ? "the consumer named no message that it handled"
                                 : "no duplicate was delivered");
  return result;
}

CheckResult Verifier::order() const {
  CheckResult result = of("order");
  if (expectation_.order_rule == OrderRule::monotonic) {
    result.violations = disordered_.count;
    result.findings = disordered_.first;
  } else {
    Findings found;
    expected_.for_each([&](const Fingerprint& key, const ExpectedKey& expected) {
      const HeldReading* const held = held_.find(key);
      if (held == nullptr || !held->timestamp || !expected.newest_required || expected.untimed) {
        return;
      }
      using std::chrono::milliseconds;  // the finest that every consumer keeps
      if (std::chrono::floor<milliseconds>(*held->timestamp) <
          std::chrono::floor<milliseconds>(*expected.newest_required)) {
        found.add(
            {FindingKind::stale, {}, {}, expected.name, 0, "an older reading was applied last"});
      }
    });
    result.violations = found.count;
    result.findings = std::move(found.first);
  }
  result.summary =
      fmt::format("{} out of order", counted(result.violations, "reading", "readings"));
  if (facts_.applied_readings == 0) {
    conclude(result, expectation_.order, false, {},
             "the consumer named no reading that it applied");
    return result;
  }
  conclude(result, expectation_.order, facts_.late_readings > 0,
           fmt::format("{} came late, none was applied after a newer one",
                       counted(facts_.late_readings, "reading", "readings")),
           "no reading was delivered after a newer one");
  return result;
}

CheckResult Verifier::state_check() const {
  CheckResult result = of("state");
  if (expectation_.state == CheckMode::off) {
    return result;
  }
  if (held_.size() == 0 && facts_.applied_readings == 0 && facts_.state_lines == 0) {
    conclude(result, expectation_.state, false, {}, "the consumer named no reading and no state");
    return result;
  }
  // Nobody has to use all that a car sends. A consumer that is not asked for its state is held to
  // the properties that it named, of any car.
  const auto must_have = [&](const ExpectedKey& key) {
    return expectation_.state == CheckMode::required || named_properties_.contains(key.property);
  };
  Findings found;
  const std::uint64_t judged = compare_with_expected(
      expected_, held_, must_have, [&](Finding finding) { found.add(std::move(finding)); });
  const std::string keys = counted(judged, "key", "keys") +
                           (judged < expected_.size() ? " of properties that it named" : "");
  result.violations = found.count;
  result.findings = std::move(found.first);
  result.summary = fmt::format("{} of {} wrong", describe_count(found.count), keys);
  conclude(result, expectation_.state, judged > 0, keys + ", each ends with the newest reading",
           expected_.size() > 0 ? "the consumer named no property that was delivered"
                                : "no reading was delivered");
  return result;
}

CheckResult Verifier::metamorphic() const {
  CheckResult result = of("metamorphic", different_.count, different_.first);
  if (!compared_ || compared_keys_ == 0) {
    conclude(result, expectation_.metamorphic, false, {},
             compared_ ? "the consumer named no reading and no state"
                       : "the clean stream was not played");
    return result;
  }
  result.summary =
      fmt::format("{} of {} differ from the clean run", describe_count(different_.count),
                  counted(compared_keys_, "key", "keys"));
  const bool shaped = facts_.duplicates + facts_.late_readings + facts_.invalid > 0;
  conclude(result, expectation_.metamorphic, shaped,
           fmt::format("{}, each ends as after the clean stream",
                       counted(compared_keys_, "key", "keys")),
           "the stream was as good as the clean one");
  return result;
}

CheckResult Verifier::latency() const {
  CheckResult result = of("latency", late_.count, late_.first);
  std::string spread = fmt::format(
      "p50 {}, p99 {}, max {}", describe_duration(latencies_.quantile(0.5)),
      describe_duration(latencies_.quantile(0.99)), describe_duration(latencies_.greatest()));
  if (latencies_left_out_ > 0) {
    spread += fmt::format("; {} not judged, since they were redelivered or held up by a fault",
                          counted(latencies_left_out_, "message", "messages"));
  }
  result.summary =
      fmt::format("{} too late: {}", counted(late_.count, "message", "messages"), spread);
  conclude(result, expectation_.latency_bound ? expectation_.latency : CheckMode::off,
           latencies_.count() > 0, "in time: " + spread,
           latencies_left_out_ > 0
               ? "each message that was handled was redelivered or held up by a fault"
               : "no message was handled");
  return result;
}

Verdict Verifier::verdict() {
  settle_arrivals();
  Verdict verdict{.party = settings_.party, .facts = facts_, .checks = {}};
  messages_.for_each([&](const MessageState& state) {
    verdict.facts.messages += state.deliveries + state.redeliveries > 0 ? 1U : 0U;
    verdict.facts.unplanned += state.is(MessageState::planned) ? 0U : 1U;
  });
  for (const auto make : {&Verifier::completeness, &Verifier::dedup, &Verifier::order,
                          &Verifier::state_check, &Verifier::metamorphic, &Verifier::latency}) {
    verdict.checks.push_back((this->*make)());
  }
  return verdict;
}

}  // namespace autotape
