#include "profile/stream_profile.hpp"

#include <fmt/format.h>

namespace autotape {
namespace {

std::uint64_t hash_of(std::string_view bytes) {
  return std::hash<std::string_view>{}(bytes);
}

std::uint64_t& count_of(std::map<std::string, std::uint64_t, std::less<>>& counts,
                        std::string_view name) {
  const auto found = counts.find(name);
  return found != counts.end() ? found->second : counts[std::string(name)];
}

}  // namespace

void StreamProfile::add(const Message& message) {
  ++counts_.messages;
  counts_.bytes += message.payload.size();
  const auto envelope = reader_.read(message.payload);
  if (!envelope) {
    ++counts_.unreadable;
    return;
  }
  add_readings(**envelope, count_repeated_id(message, (*envelope)->message_id));
}

bool StreamProfile::count_repeated_id(const Message& message, std::string_view message_id) {
  const std::uint64_t payload_hash = hash_of(message.payload);
  const auto [first_payload, added] = payload_by_id_.find_or_add(hash_of(message_id));
  if (added) {
    *first_payload = payload_hash;
    ++counts_.distinct_ids;
    return false;
  }
  if (message.dup) {
    ++counts_.duplicates.redelivered;
  } else if (*first_payload == payload_hash) {
    ++counts_.duplicates.same_bytes;
  } else {
    ++counts_.duplicates.new_content;
  }
  return true;
}

void StreamProfile::add_readings(const Envelope& envelope, bool repeated_id) {
  bool seen_before = false;
  for (std::size_t i = 0; i < envelope.readings.size(); ++i) {
    const Reading& reading = envelope.readings[i];
    ++counts_.readings;
    ++count_of(counts_.readings_by_car, envelope.vin);
    ++count_of(counts_.readings_by_property,
               fmt::format("{}.{}", reading.capability, reading.property));
    if (!reading.timestamp) {
      ++counts_.without_timestamp;
      continue;
    }
    const DataTime time = *reading.timestamp;
    counts_.oldest = counts_.oldest ? std::min(*counts_.oldest, time) : time;
    counts_.newest = counts_.newest ? std::max(*counts_.newest, time) : time;
    if (repeated_id) {
      continue;
    }
    const std::string key = fmt::format("{}\n{}\n{}\n{}", envelope.vin, reading.capability,
                                        reading.property, reading.item);
    const auto [newest, first] = newest_by_key_.find_or_add(hash_of(key));
    if (!first && time < *newest) {
      ++counts_.out_of_order;
      counts_.lateness.add(*newest - time);
    } else {
      *newest = time;
    }
    seen_before =
        !readings_seen_.find_or_add(hash_of(key + "\n" + reader_.reading_text(i))).second ||
        seen_before;
  }
  if (seen_before) {
    ++counts_.duplicates.same_reading;
  }
}

}  // namespace autotape
