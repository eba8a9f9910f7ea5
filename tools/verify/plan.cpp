// What the plan says of the messages that the consumer was sent.
#include <algorithm>
#include <limits>

#include "json/canonical.hpp"
#include "verify/verifier.hpp"

namespace autotape {
namespace {

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

}  // namespace autotape
