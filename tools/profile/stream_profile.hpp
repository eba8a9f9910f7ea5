// What a stream is like: how much of what, which duplicates, how far out of order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/duration_histogram.hpp"
#include "core/flat_table.hpp"
#include "profile/car_gaps.hpp"
#include "profile/message_facts.hpp"

namespace autotape {

// The four kinds of duplicate that are never mixed. A message counts as one kind at most.
struct DuplicateCounts {
  std::uint64_t same_bytes = 0;    // (a) a message_id again, with the same payload
  std::uint64_t new_content = 0;   // (b) a message_id again, with another payload
  std::uint64_t same_reading = 0;  // (c) another message_id, with a reading that was seen before
  std::uint64_t redelivered = 0;   // (d) a message_id again, with the DUP flag of the broker

  // Messages whose message_id was seen before.
  std::uint64_t repeated_ids() const { return same_bytes + new_content + redelivered; }
};

struct StreamCounts {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;       // of payload
  std::uint64_t unreadable = 0;  // no envelope: not in the counts below
  std::uint64_t distinct_ids = 0;
  DuplicateCounts duplicates;

  std::uint64_t readings = 0;
  std::uint64_t without_timestamp = 0;

  // Readings that are older than one of the same (vin, capability, property, item) before them, by
  // messages that are not duplicates; and how much older, in data time.
  std::uint64_t out_of_order = 0;
  DurationHistogram lateness;

  std::optional<DataTime> oldest;  // reading
  std::optional<DataTime> newest;
  std::map<std::string, std::uint64_t, std::less<>> readings_by_car;
  std::map<std::string, std::uint64_t, std::less<>> readings_by_property;  // "diagnostics.odometer"
};

// Takes about 32 bytes for each distinct message_id and for each distinct reading, which finding
// duplicates needs. Not thread-safe.
class StreamProfile {
 public:
  // A car that says nothing for longer than this has a gap.
  static constexpr Duration usual_gap = std::chrono::minutes(10);

  explicit StreamProfile(Duration shortest_gap = usual_gap) : gaps_(shortest_gap) {}
  StreamProfile(const StreamProfile&) = delete;
  StreamProfile& operator=(const StreamProfile&) = delete;

  void add(const Message& message);
  void add(const MessageFacts& facts);            // of a MessageObserver, perhaps on another thread
  void add(std::span<const MessageFacts> facts);  // faster than one by one

  const StreamCounts& counts() const { return counts_; }
  CarGaps::Summary gaps() const { return gaps_.summary(); }

 private:
  // Counts by name, found by the name's hash.
  class NameCounter {
   public:
    explicit NameCounter(std::map<std::string, std::uint64_t, std::less<>>& counts)
        : counts_(counts) {}
    void add(std::uint64_t hash, std::string_view name);

   private:
    std::map<std::string, std::uint64_t, std::less<>>& counts_;
    FlatTable<std::uint64_t*> by_hash_;  // into counts_
  };

  bool count_repeated_id(const MessageFacts& facts);
  void add_reading(const MessageFacts& facts, std::size_t place);

  MessageObserver observer_;
  MessageFacts facts_;  // of add(Message)
  StreamCounts counts_;
  NameCounter cars_{counts_.readings_by_car};
  NameCounter properties_{counts_.readings_by_property};
  CarGaps gaps_;
  FlatTable<std::uint64_t, 64> payload_by_id_;  // hash of message_id → hash of payload
  FlatTable<DataTime> newest_by_series_;        // hash of a reading's key → its newest timestamp
  FlatTable<NoValue, 64> readings_seen_;        // hash of key, timestamp and value
};

}  // namespace autotape
