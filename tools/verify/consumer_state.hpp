// The state that a consumer says it has: its `state` lines, or what it applied last.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "journal/observation.hpp"
#include "verify/expected_state.hpp"
#include "verify/fingerprint.hpp"
#include "verify/verdict.hpp"

namespace autotape {

struct HeldReading {
  std::string name;  // name_of_key()
  std::optional<DataTime> timestamp;
  std::optional<std::uint64_t> value;  // hash of the canonical JSON
  std::string shown;                   // the value, for people
};

class ConsumerState {
 public:
  // From a `state` line: the last one of a key is its state, and what was applied does not count.
  void add_stated(const ObservedReading& reading);

  // Of each consumer the last reading counts, and of these the newest: how the lines of two that
  // share their state lie to each other says nothing.
  void add_applied(const ObservedReading& reading, std::uint32_t consumer);

  std::size_t size() const { return keys_.size(); }
  const HeldReading* find(const Fingerprint& key) const;
  void for_each(const std::function<void(const Fingerprint&, const HeldReading&)>& visit) const;

 private:
  static constexpr std::uint32_t stated = 0;  // consumers count from 1
  struct Said {
    std::uint32_t by = stated;
    HeldReading reading;
  };
  using Sayings = std::vector<Said>;  // one of each consumer, or the stated one; last said last

  Sayings& sayings_of(const ObservedReading& reading);
  static const HeldReading& newest_of(const Sayings& sayings);

  std::unordered_map<Fingerprint, Sayings, FingerprintHash> keys_;
  std::vector<Fingerprint> order_;  // of the first line of each key
};

// What is wrong with `held`, key by key: stale, corrupted, unexpected, and lost where the consumer
// must have the key. Gives the number of keys that were judged.
std::uint64_t compare_with_expected(const ExpectedState& expected, const ConsumerState& held,
                                    const std::function<bool(const ExpectedKey&)>& must_have,
                                    const std::function<void(Finding)>& report);

// The same consumer after the clean and after the shaped stream: each difference in a key that
// `is_compared` lets through. Gives the number of these keys.
std::uint64_t compare_states(const ConsumerState& clean, const ConsumerState& shaped,
                             const std::function<bool(const Fingerprint&)>& is_compared,
                             const std::function<void(Finding)>& report);

}  // namespace autotape
