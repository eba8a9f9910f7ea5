#include "profile/stream_profile.hpp"

#include <algorithm>

#include "core/time_difference.hpp"

namespace autotape {

void StreamProfile::NameCounter::add(std::uint64_t hash, std::string_view name) {
  const auto [count, is_new] = by_hash_.find_or_add(hash);
  if (is_new) {
    *count = &counts_[std::string(name)];
  }
  ++**count;
}

void StreamProfile::add(const Message& message) {
  observer_.observe(message, facts_);
  add(facts_);
}

void StreamProfile::add(std::span<const MessageFacts> facts) {
  constexpr std::size_t ahead = 8;  // messages
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (i + ahead < facts.size()) {
      const MessageFacts& later = facts[i + ahead];
      payload_by_id_.prefetch(later.id);
      for (const ReadingFacts& reading : later.readings) {
        newest_by_series_.prefetch(reading.series);
        readings_seen_.prefetch(reading.content);
      }
    }
    add(facts[i]);
  }
}

void StreamProfile::add(const MessageFacts& facts) {
  ++counts_.messages;
  counts_.bytes += facts.payload_size;
  if (!facts.readable) {
    ++counts_.unreadable;
    return;
  }
  const bool repeated_id = count_repeated_id(facts);
  bool seen_before = false;
  for (std::size_t i = 0; i < facts.readings.size(); ++i) {
    add_reading(facts, i);
    const ReadingFacts& reading = facts.readings[i];
    if (repeated_id || !reading.timestamp) {
      continue;
    }
    const DataTime time = *reading.timestamp;
    const auto [newest, first] = newest_by_series_.find_or_add(reading.series);
    if (!first && time < *newest) {
      ++counts_.out_of_order;
      counts_.lateness.add(time_between(time, *newest));
    } else {
      *newest = time;
    }
    seen_before = !readings_seen_.find_or_add(reading.content).second || seen_before;
  }
  counts_.duplicates.same_reading += seen_before ? 1 : 0;
}

bool StreamProfile::count_repeated_id(const MessageFacts& facts) {
  const auto [first_payload, added] = payload_by_id_.find_or_add(facts.id);
  if (added) {
    *first_payload = facts.payload;
    ++counts_.distinct_ids;
    return false;
  }
  if (facts.dup) {
    ++counts_.duplicates.redelivered;
  } else if (*first_payload == facts.payload) {
    ++counts_.duplicates.same_bytes;
  } else {
    ++counts_.duplicates.new_content;
  }
  return true;
}

void StreamProfile::add_reading(const MessageFacts& facts, std::size_t place) {
  const ReadingFacts& reading = facts.readings[place];
  ++counts_.readings;
  cars_.add(facts.car, facts.car_name);
  properties_.add(reading.property, facts.name_of(place));
  if (!reading.timestamp) {
    ++counts_.without_timestamp;
    return;
  }
  const DataTime time = *reading.timestamp;
  counts_.oldest = counts_.oldest ? std::min(*counts_.oldest, time) : time;
  counts_.newest = counts_.newest ? std::max(*counts_.newest, time) : time;
  gaps_.add(facts.car, facts.car_name, time);
}

}  // namespace autotape
