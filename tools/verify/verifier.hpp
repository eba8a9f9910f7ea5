// Holds what a consumer says it did against what it was really sent.
//
// Feed it, in this order: what reached the consumer; the plan; what it never got by its own fault;
// the observations. Where the broker logged no deliveries, call delivered() for each delivery that
// it acknowledged, just before planned(). Memory: 64 bytes for each distinct message, and some
// hundred for each key of a state that is judged.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/duration_histogram.hpp"
#include "core/time.hpp"
#include "journal/observation.hpp"
#include "message/envelope.hpp"
#include "shape/delivery.hpp"
#include "verify/consumer_state.hpp"
#include "verify/expectation.hpp"
#include "verify/expected_state.hpp"
#include "verify/handlings.hpp"
#include "verify/message_table.hpp"
#include "verify/verdict.hpp"

namespace autotape {

struct VerifierSettings {
  Expectation expectation;
  std::string party = "consumer";
  std::uint64_t expected_messages = 0;  // 0: unknown, takes more memory
  ReceivedTime start{};                 // of the run; nothing happened before it
  double rate = 1;                      // how much faster than the tape; for dedup_memory

  // The consumer was ended while messages were on their way: only those are demanded of it that it
  // acknowledged.
  bool cut_short = false;
};

// Where an observation stands. Of several consumers, only the lines of one are in the order in
// which they were written.
struct ObservationOrigin {
  ReceivedTime at{};           // when the line was read
  std::uint64_t line = 0;      // from 1
  std::uint32_t consumer = 1;  // its number
};

// Not thread-safe.
class Verifier {
 public:
  explicit Verifier(VerifierSettings settings);

  // A message was sent to the consumer. Without an id where its payload has none that can be read.
  void delivered(std::optional<std::string_view> message_id, ReceivedTime at, bool redelivered);

  // The consumer acknowledged a delivery of it, which was given before. Needed of a run that was
  // cut short only.
  void acknowledged(std::string_view message_id);

  // Bytes did not reach the consumer, or later: what was delivered or handled in that time says
  // nothing of its latency.
  void held_up(ReceivedTime from, ReceivedTime to);

  // A delivery of the plan.
  void planned(const Delivery& delivery);

  // The consumer threw the session away that would have brought it this message of the plan. It is
  // lost if it was never delivered in another way.
  void session_lost(std::string_view message_id);

  void observed(const Observation& observation, const ObservationOrigin& origin);
  void unreadable(std::string_view why, std::uint64_t line);

  // The metamorphic check: how the same consumer ended after the clean stream (run/clean_plan.hpp).
  // Call it when all is fed to both, with the same expectation.
  void compare_with(const Verifier& clean);

  Verdict verdict();

  std::uint64_t memory() const { return messages_.memory(); }  // bytes of the messages alone

 private:
  using Ticks = std::uint32_t;  // 100 µs since the start: 119 hours
  static constexpr Duration tick = std::chrono::microseconds(100);

  // A check's findings while they are collected.
  struct Findings {
    std::uint64_t count = 0;
    std::vector<Finding> first;
    void add(Finding finding);
  };

  // A delivery whose place in the message table is being fetched from memory.
  struct Arrival {
    Fingerprint message;
    std::uint32_t number = 0;  // of it among the deliveries
    Ticks at = 0;
    bool redelivered = false;
  };

  void settle_arrivals();
  void settle(const Arrival& arrival);
  Ticks ticks(ReceivedTime at) const;
  void note_due(MessageState& state, DueTime due, bool repeated);
  void add_readings(const Delivery& delivery, const Envelope& envelope, bool optional);
  void contest_keys(const Envelope& envelope);
  void count_late(const Envelope& envelope);
  bool forbids_all(const Delivery& delivery) const;
  void note_unreadable(const Envelope& envelope);
  bool is_forbidden(const MessageState& state, const ObservedReading& reading) const;
  void note_content(MessageState& state, const Delivery& delivery, bool whole);
  void note_named(const Observation& observation);
  void handle(const Observation& observation, const ObservationOrigin& origin);
  void count_handling(MessageState& state, std::string_view message_id,
                      const ObservationOrigin& origin);
  void judge_latency(const MessageState& state, std::string_view message_id,
                     const ObservationOrigin& origin);
  void apply(const ObservedReading& reading, std::string_view message_id,
             const ObservationOrigin& origin);

  bool needs_state() const;
  bool reached_it(const MessageState& state) const;
  bool required_to_handle(const MessageState& state) const;
  std::uint32_t least_handlings(const MessageState& state) const;  // 0: may be left out
  std::uint32_t most_handlings(const MessageState& state) const;

  CheckResult completeness() const;
  CheckResult dedup() const;
  CheckResult order() const;
  CheckResult state_check() const;
  CheckResult metamorphic() const;
  CheckResult latency() const;

  VerifierSettings settings_;
  const Expectation& expectation_;
  MessageTable messages_;
  std::array<Arrival, 16> arrivals_;  // enough for the memory to keep up
  std::size_t waiting_arrivals_ = 0;
  // Of messages with several contents: the hash of each, and whether it came whole.
  std::unordered_map<Fingerprint, std::unordered_map<std::uint32_t, bool>, FingerprintHash>
      contents_;
  ExpectedState expected_;
  ConsumerState held_;
  std::unordered_set<Fingerprint, FingerprintHash> named_properties_;  // in any observed reading
  Handlings handlings_;
  EnvelopeReader envelopes_;
  JsonParser values_;
  StreamFacts facts_;
  DurationHistogram latencies_;
  std::uint64_t latencies_left_out_ = 0;  // since autotape or the network had a part in them
  std::vector<std::pair<Ticks, Ticks>> held_up_;
  std::uint64_t compressed_duplicates_ = 0;  // within the consumer's memory by the rate alone
  using Times = std::unordered_map<Fingerprint, DataTime, FingerprintHash>;
  std::unordered_map<std::uint32_t, Times> applied_;  // by each consumer, newest of each key
  Times newest_of_car_;
  Findings incomplete_;  // found while observing; completeness() adds the lost ones
  Findings repeated_;
  Findings disordered_;
  Findings late_;
  Findings different_;               // from the clean run
  std::uint64_t compared_keys_ = 0;  // with the clean run
  bool compared_ = false;
  using Keys = std::unordered_set<Fingerprint, FingerprintHash>;
  Keys contested_;  // of ids with several contents
  // Of corrupted messages whose other readings may be applied: those that must not.
  std::unordered_map<Fingerprint, Keys, FingerprintHash> unreadable_;
};

}  // namespace autotape
