#include "verify/verifier.hpp"

#include <algorithm>
#include <limits>

namespace autotape {
namespace {

constexpr std::size_t most_findings = 20;

// Must a key end with the same reading after both streams? Not where one holds a newer reading than
// the other, which lost it or broke it, and not where more than one reading will do.
bool end_alike(const ExpectedKey* shaped, const ExpectedKey* clean) {
  if (shaped == nullptr || clean == nullptr) {
    return shaped == clean;
  }
  const auto has_one = [](const ExpectedKey& key) {
    return !key.untimed && key.newest_required && key.accepted.size() == 1;
  };
  return has_one(*shaped) && has_one(*clean) && shaped->newest_required == clean->newest_required &&
         shaped->accepted.front().value == clean->accepted.front().value;
}

}  // namespace

void Verifier::Findings::add(Finding finding) {
  if (++count; first.size() < most_findings) {
    first.push_back(std::move(finding));
  }
}

Verifier::Verifier(VerifierSettings settings)
    : settings_(std::move(settings)),
      expectation_(settings_.expectation),
      messages_(settings_.expected_messages),
      expected_(settings_.expectation.ties, needs_state()) {}

Verifier::Ticks Verifier::ticks(ReceivedTime at) const {
  const auto count = (at - settings_.start) / tick;
  return static_cast<Ticks>(std::clamp<std::int64_t>(count, 0, std::numeric_limits<Ticks>::max()));
}

void Verifier::delivered(std::optional<std::string_view> message_id, ReceivedTime at,
                         bool redelivered) {
  redelivered ? ++facts_.redelivered : ++facts_.delivered;
  if (!message_id || message_id->empty()) {
    ++facts_.without_id;
    return;
  }
  Arrival& arrival = arrivals_[waiting_arrivals_++];
  arrival = {fingerprint_of(*message_id), static_cast<std::uint32_t>(facts_.delivered), ticks(at),
             redelivered};
  messages_.prefetch(arrival.message);
  if (waiting_arrivals_ == arrivals_.size()) {
    settle_arrivals();
  }
}

void Verifier::settle_arrivals() {
  for (std::size_t i = 0; i < waiting_arrivals_; ++i) {
    settle(arrivals_[i]);
  }
  waiting_arrivals_ = 0;
}

void Verifier::settle(const Arrival& arrival) {
  MessageState& state = messages_.at(arrival.message);
  if (state.deliveries == 0 && state.redeliveries == 0) {
    state.first_delivery = arrival.number;
    state.delivered_at = arrival.at;
  } else {
    ++facts_.duplicates;
    const Duration wall = (arrival.at - state.delivered_at) * tick;
    facts_.distance.messages.add(arrival.number - state.first_delivery);
    facts_.distance.wall.add(wall);
    const auto memory = expectation_.dedup_memory;
    if (memory && wall <= *memory &&
        static_cast<double>(wall.count()) * settings_.rate > static_cast<double>(memory->count())) {
      ++compressed_duplicates_;
    }
  }
  arrival.redelivered ? count_one(state.redeliveries) : count_one(state.deliveries);
}

void Verifier::acknowledged(std::string_view message_id) {
  if (!settings_.cut_short) {
    return;
  }
  settle_arrivals();
  if (MessageState* const state = messages_.find(fingerprint_of(message_id))) {
    state->set(MessageState::acknowledged);
  }
}

void Verifier::held_up(ReceivedTime from, ReceivedTime to) {
  held_up_.emplace_back(ticks(from), ticks(to));
}

void Verifier::session_lost(std::string_view message_id) {
  settle_arrivals();
  if (MessageState* const state = messages_.find(fingerprint_of(message_id))) {
    state->set(MessageState::session_lost);
  }
}

void Verifier::compare_with(const Verifier& clean) {
  // Of two readings of one moment, or two contents of one id, which one wins is the consumer's
  // choice, and may depend on the order.
  const auto is_decided = [&](const Fingerprint& print) {
    return !contested_.contains(print) &&
           end_alike(expected_.find(print), clean.expected_.find(print));
  };
  compared_ = true;
  compared_keys_ = compare_states(clean.held_, held_, is_decided,
                                  [&](Finding finding) { different_.add(std::move(finding)); });
}

}  // namespace autotape
