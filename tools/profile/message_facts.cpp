#include "profile/message_facts.hpp"

#include "core/hash.hpp"

namespace autotape {

void MessageObserver::observe(const Message& message, MessageFacts& facts) {
  facts.payload_size = message.payload.size();
  facts.dup = message.dup;
  facts.names.clear();
  facts.readings.clear();
  const auto envelope = reader_.read(message.payload);
  facts.readable = envelope.ok();
  if (!facts.readable) {
    return;
  }
  facts.id = hash_of((*envelope)->message_id);
  facts.payload = hash_of(message.payload);
  facts.car_name = (*envelope)->vin;
  facts.car = hash_of(facts.car_name);
  const auto& readings = (*envelope)->readings;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading& reading = readings[i];
    ReadingFacts& fact = facts.readings.emplace_back();
    facts.names.append(reading.capability).append(1, '.').append(reading.property);
    fact.name_end = static_cast<std::uint32_t>(facts.names.size());
    fact.property = combine_hashes(hash_of(reading.capability), hash_of(reading.property));
    fact.series = combine_hashes(combine_hashes(facts.car, fact.property), reading.item);
    fact.content = combine_hashes(fact.series, reader_.reading_hash(i));
    fact.timestamp = reading.timestamp;
  }
}

}  // namespace autotape
