// What the consumer says.
#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "verify/verifier.hpp"

namespace autotape {

void Verifier::observed(const Observation& observation, const ObservationOrigin& origin) {
  if (!observation.fault.empty()) {
    unreadable(observation.fault, origin.line);
  }
  note_named(observation);
  switch (observation.kind) {
    case ObservationKind::handled:
      return handle(observation, origin);
    case ObservationKind::rejected: {
      ++facts_.rejected;
      MessageState* const state = messages_.find(fingerprint_of(observation.message_id));
      if (state != nullptr) {
        state->set(MessageState::rejected);
      } else {
        incomplete_.add({FindingKind::unexpected,
                         std::string(observation.message_id),
                         {},
                         {},
                         origin.line,
                         "was refused, and was never delivered"});
      }
      return;
    }
    case ObservationKind::state:
      ++facts_.state_lines;
      held_.add_stated(observation.readings.front());
      return;
  }
}

void Verifier::unreadable(std::string_view why, std::uint64_t line) {
  if (++facts_.unreadable_lines == 1) {
    facts_.first_unreadable = fmt::format("line {} {}", line, why);
  }
}

void Verifier::note_named(const Observation& observation) {
  if (needs_state()) {
    for (const ObservedReading& reading : observation.readings) {
      named_properties_.insert(fingerprint_of_property(reading.capability, reading.property));
    }
  }
}

void Verifier::handle(const Observation& observation, const ObservationOrigin& origin) {
  const Fingerprint print = fingerprint_of(observation.message_id);
  MessageState* const state = messages_.find(print);
  if (state == nullptr || state->deliveries + state->redeliveries == 0) {
    ++facts_.handled;
    incomplete_.add({FindingKind::unexpected,
                     std::string(observation.message_id),
                     {},
                     {},
                     origin.line,
                     "was handled, and was never delivered"});
    return;
  }
  if (handlings_.begins(print, observation)) {
    count_handling(*state, observation.message_id, origin);
  }
  for (const ObservedReading& reading : observation.readings) {
    if (!reading.applied) {
      continue;
    }
    if (is_forbidden(*state, reading)) {
      incomplete_.add({FindingKind::corrupted,
                       std::string(observation.message_id),
                       {},
                       name_of_key(reading.vin, reading.capability, reading.property, reading.item),
                       origin.line,
                       "was applied, and is invalid"});
    }
    apply(reading, observation.message_id, origin);
  }
}

bool Verifier::is_forbidden(const MessageState& state, const ObservedReading& reading) const {
  if (!state.is(MessageState::corrupted) || state.is(MessageState::valid)) {
    return false;
  }
  const auto partly = unreadable_.find(state.id);
  return partly == unreadable_.end() ||
         partly->second.contains(
             fingerprint_of_key(reading.vin, reading.capability, reading.property, reading.item));
}

void Verifier::count_handling(MessageState& state, std::string_view message_id,
                              const ObservationOrigin& origin) {
  ++facts_.handled;
  count_one(state.handled);
  if (state.handled > most_handlings(state)) {
    repeated_.add({FindingKind::duplicated,
                   std::string(message_id),
                   {},
                   {},
                   origin.line,
                   fmt::format("was handled {} times, delivered {} times", state.handled,
                               state.deliveries + state.redeliveries)});
  }
  if (state.handled == 1) {
    judge_latency(state, message_id, origin);
  }
}

// From the first delivery, as the broker wrote it: of one that did not arrive, or not at once, it
// is not the consumer's.
void Verifier::judge_latency(const MessageState& state, std::string_view message_id,
                             const ObservationOrigin& origin) {
  const Ticks handled_at = ticks(origin.at);
  const bool held_up = std::any_of(held_up_.begin(), held_up_.end(), [&](const auto& span) {
    return span.first <= handled_at && state.delivered_at <= span.second;
  });
  if (held_up || state.redeliveries > 0) {
    ++latencies_left_out_;
    return;
  }
  const std::int64_t waited = std::int64_t{handled_at} - state.delivered_at;
  const Duration latency = std::max<std::int64_t>(waited, 0) * tick;
  latencies_.add(latency);
  if (expectation_.latency_bound && latency > *expectation_.latency_bound) {
    late_.add({FindingKind::late,
               std::string(message_id),
               {},
               {},
               origin.line,
               fmt::format("was handled {} after it was delivered", describe_duration(latency))});
  }
}

void Verifier::apply(const ObservedReading& reading, std::string_view message_id,
                     const ObservationOrigin& origin) {
  ++facts_.applied_readings;
  held_.add_applied(reading, origin.consumer);
  if (!reading.timestamp) {
    return;
  }
  const auto [newest, first] = applied_[origin.consumer].try_emplace(
      fingerprint_of_key(reading.vin, reading.capability, reading.property, reading.item),
      *reading.timestamp);
  if (!first && *reading.timestamp < newest->second) {
    disordered_.add({FindingKind::reordered,
                     std::string(message_id),
                     {},
                     name_of_key(reading.vin, reading.capability, reading.property, reading.item),
                     origin.line,
                     fmt::format("a reading of {} was applied after one of {}",
                                 format_rfc3339(reading.timestamp->time_since_epoch()),
                                 format_rfc3339(newest->second.time_since_epoch()))});
    return;
  }
  newest->second = *reading.timestamp;
}

}  // namespace autotape
