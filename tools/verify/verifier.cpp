#include "verify/verifier.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "json/canonical.hpp"

namespace autotape {
namespace {

constexpr std::size_t most_findings = 20;
constexpr Duration tick = std::chrono::microseconds(100);

// The two forms in which a consumer may give a reading's value back (SentReading).
struct ReadingValue {
  std::string data;
  std::string number;
};

ReadingValue value_of(JsonParser& parser, const std::string& property_object) {
  const auto root = parser.parse(property_object);
  JsonElement data;
  if (!root || root.value()["data"].get(data) != simdjson::SUCCESS) {
    return {"null", "null"};
  }
  ReadingValue value;
  append_canonical_json(value.data, data);
  JsonElement number;
  if (data["value"].get(number) == simdjson::SUCCESS) {
    append_canonical_json(value.number, number);
  } else {
    value.number = value.data;
  }
  return value;
}

// Of a payload that is no envelope.
std::optional<std::string> message_id_of(JsonParser& parser, std::string_view payload) {
  const auto root = parser.parse(payload);
  JsonObject members;
  if (!root || root.value().get(members) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const auto id = string_member(members, "message_id");
  return id ? std::optional<std::string>(*id) : std::nullopt;
}

// Times from outside may be centuries apart, which does not fit a Duration.
bool is_older_by_more_than(Duration bound, DataTime time, DataTime newest) {
  const auto since_epoch = [](DataTime t) {
    return static_cast<std::uint64_t>(t.time_since_epoch().count());
  };
  return time < newest &&
         since_epoch(newest) - since_epoch(time) > static_cast<std::uint64_t>(bound.count());
}

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

bool is_corrupted(const Delivery& delivery) {
  return std::any_of(delivery.actions.begin(), delivery.actions.end(),
                     [](const StageAction& action) { return is_corruption(action.kind); });
}

// Its readings whose timestamp is none must not be applied.
bool forbids_unreadable(const Delivery& delivery) {
  return delivery.has(ActionKind::bad_timestamp) && !delivery.has(ActionKind::wrong_topic);
}

std::size_t unreadable_readings(const EnvelopeReader& envelopes, const Envelope& envelope) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < envelope.readings.size(); ++i) {
    count += envelopes.is_unreadable(i) ? 1U : 0U;
  }
  return count;
}

Fingerprint key_of(std::string_view vin, const Reading& reading) {
  return fingerprint_of_key(vin, reading.capability, reading.property, reading.item);
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

// ---- what reached the consumer

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

// ---- the plan

void Verifier::planned(const Delivery& delivery) {
  settle_arrivals();
  ++facts_.planned;
  const auto envelope = envelopes_.read(delivery.content->payload);
  const std::size_t unreadable = envelope ? unreadable_readings(envelopes_, **envelope) : 0;
  const bool broken = is_corrupted(delivery) || !envelope || unreadable > 0;
  facts_.invalid += broken ? 1U : 0U;
  if (!envelope) {
    if (const auto id = message_id_of(values_, delivery.content->payload)) {
      MessageState& state = messages_.at(fingerprint_of(*id));
      state.set(MessageState::planned);
      state.set(MessageState::corrupted);
    }
    return;
  }
  MessageState& state = messages_.at(fingerprint_of((*envelope)->message_id));
  const bool repeated = state.is(MessageState::planned);
  state.set(MessageState::planned);
  note_due(state, delivery.due, repeated);
  if (unreadable > 0 && forbids_unreadable(delivery)) {
    state.set(MessageState::corrupted);
    note_unreadable(**envelope);
    if (unreadable == (*envelope)->readings.size()) {
      return;
    }
  }
  if (forbids_all(delivery)) {
    state.set(MessageState::corrupted);
    return;
  }
  note_content(state, delivery, !broken);
  const bool came_whole = state.is(MessageState::valid);
  const bool came_doubtful = state.is(MessageState::doubtful);
  state.set(broken ? MessageState::doubtful : MessageState::valid);
  if (delivery.has(ActionKind::new_id) || delivery.has(ActionKind::stale)) {
    state.set(MessageState::repeats_reading);
  }
  if (state.deliveries + state.redeliveries == 0) {
    return;
  }
  if (state.is(MessageState::several_contents) && expectation_.metamorphic != CheckMode::off) {
    contest_keys(**envelope);
  }
  if (came_whole && expectation_.same_id_new_content == SameIdNewContent::handled_once) {
    count_late(**envelope);
    return;
  }
  const bool either =
      came_doubtful || (came_whole && expectation_.same_id_new_content == SameIdNewContent::any);
  add_readings(delivery, **envelope, broken || either || !reached_it(state));
}

void Verifier::note_due(MessageState& state, DueTime due, bool repeated) {
  using std::chrono::milliseconds;
  const std::int64_t count = std::chrono::floor<milliseconds>(due.time_since_epoch()).count();
  const auto at = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(count, 0, std::numeric_limits<std::uint32_t>::max()));
  if (!repeated) {
    state.first_due = at;
  } else if (state.deliveries + state.redeliveries > 0) {
    facts_.distance.data.add(milliseconds(at - state.first_due));
  }
}

bool Verifier::forbids_all(const Delivery& delivery) const {
  return expectation_.refusal == Refusal::invalid && !delivery.has(ActionKind::wrong_topic) &&
         std::any_of(delivery.actions.begin(), delivery.actions.end(), [](const auto& action) {
           return is_corruption(action.kind) && action.kind != ActionKind::bad_timestamp;
         });
}

void Verifier::note_unreadable(const Envelope& envelope) {
  Keys& keys = unreadable_[fingerprint_of(envelope.message_id)];
  for (std::size_t i = 0; i < envelope.readings.size(); ++i) {
    if (envelopes_.is_unreadable(i)) {
      keys.insert(key_of(envelope.vin, envelope.readings[i]));
    }
  }
}

void Verifier::contest_keys(const Envelope& envelope) {
  for (const Reading& reading : envelope.readings) {
    contested_.insert(key_of(envelope.vin, reading));
  }
}

void Verifier::count_late(const Envelope& envelope) {
  for (const Reading& reading : envelope.readings) {
    const ExpectedKey* const key = expected_.find(key_of(envelope.vin, reading));
    if (key != nullptr && reading.timestamp && key->newest && *reading.timestamp < *key->newest) {
      ++facts_.late_readings;
    }
  }
}

void Verifier::note_content(MessageState& state, const Delivery& delivery, bool whole) {
  const auto content = static_cast<std::uint32_t>(hash_of(delivery.content->payload));
  if (state.contents == 0) {
    state.content = content;
    state.contents = 1;
    return;
  }
  if (state.contents == 1 && state.content == content) {
    return;
  }
  auto& contents = contents_[state.id];
  if (state.contents == 1) {
    contents.emplace(state.content, state.is(MessageState::valid));
    state.set(MessageState::several_contents);
  }
  const auto [known, first] = contents.try_emplace(content, whole);
  known->second = known->second || whole;
  if (first) {
    count_one(state.contents);
  }
}

void Verifier::add_readings(const Delivery& delivery, const Envelope& envelope, bool optional) {
  DataTime& newest_of_car =
      newest_of_car_.try_emplace(fingerprint_of(envelope.vin), DataTime::min()).first->second;
  bool all_may_be_dropped = expectation_.max_lateness && !envelope.readings.empty();
  for (std::size_t i = 0; i < envelope.readings.size(); ++i) {
    const Reading& reading = envelope.readings[i];
    if (forbids_unreadable(delivery) && envelopes_.is_unreadable(i)) {
      continue;
    }
    const bool beyond =
        expectation_.max_lateness && reading.timestamp &&
        is_older_by_more_than(*expectation_.max_lateness, *reading.timestamp, newest_of_car);
    all_may_be_dropped = all_may_be_dropped && beyond;
    const ReadingValue value =
        needs_state() ? value_of(values_, envelopes_.reading_text(i)) : ReadingValue{};
    const bool late = expected_.add({.vin = envelope.vin,
                                     .capability = reading.capability,
                                     .property = reading.property,
                                     .item = reading.item,
                                     .timestamp = reading.timestamp,
                                     .value = value.data,
                                     .number = value.number,
                                     .optional = optional || beyond});
    facts_.late_readings += late ? 1U : 0U;
    if (reading.timestamp && !delivery.has(ActionKind::skewed)) {
      newest_of_car = std::max(newest_of_car, *reading.timestamp);
    }
  }
  if (all_may_be_dropped) {
    messages_.at(fingerprint_of(envelope.message_id)).set(MessageState::may_be_dropped);
  }
}

// ---- the observations

void Verifier::session_lost(std::string_view message_id) {
  settle_arrivals();
  if (MessageState* const state = messages_.find(fingerprint_of(message_id))) {
    state->set(MessageState::session_lost);
  }
}

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
