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
  bool stated = false;                 // from a `state` line: what was applied does not count
};

class ConsumerState {
 public:
  void add(const ObservedReading& reading, bool stated);

  std::size_t size() const { return keys_.size(); }
  const HeldReading* find(const Fingerprint& key) const;
  void for_each(const std::function<void(const Fingerprint&, const HeldReading&)>& visit) const;

 private:
  std::unordered_map<Fingerprint, HeldReading, FingerprintHash> keys_;
  std::vector<Fingerprint> order_;  // of the first line of each key
};

// What is wrong with `held`, key by key: lost, stale, corrupted, unexpected.
void compare_with_expected(const ExpectedState& expected, const ConsumerState& held,
                           const std::function<void(Finding)>& report);

// The same consumer after the clean and after the shaped stream: each difference in a key that
// `is_compared` lets through. Gives the number of these keys.
std::uint64_t compare_states(const ConsumerState& clean, const ConsumerState& shaped,
                             const std::function<bool(const Fingerprint&)>& is_compared,
                             const std::function<void(Finding)>& report);

}  // namespace autotape
