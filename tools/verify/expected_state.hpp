// The oracle: for each key the reading that a consumer should end with, from what it was sent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/time.hpp"
#include "verify/expectation.hpp"
#include "verify/fingerprint.hpp"

namespace autotape {

// A reading on its way to the consumer, with the two forms in which a consumer may give its value
// back. Both are canonical JSON, and `null` of a reading without a value (it has a `failure` then).
struct SentReading {
  std::string_view vin;
  std::string_view capability;
  std::string_view property;
  std::uint32_t item = 0;
  std::optional<DataTime> timestamp;
  std::string_view value;   // the property object's `data`
  std::string_view number;  // `data.value` where data has a unit; else as `value`
  bool optional = false;    // the consumer may leave it out
};

// One value that a key may end with.
struct AcceptedReading {
  std::optional<DataTime> timestamp;
  std::uint64_t value = 0;  // hash of the canonical JSON
  std::uint64_t number = 0;
  std::string shown;  // for people
};

struct ExpectedKey {
  std::string name;                         // "VIN diagnostics.odometer", with "[2]" for an item
  Fingerprint property;                     // fingerprint_of_property()
  std::vector<AcceptedReading> accepted;    // the newest required one, and all optional ones since
  std::optional<DataTime> newest;           // of all
  std::optional<DataTime> newest_required;  // of those that the consumer may not leave out
  bool untimed = false;  // a reading without timestamp: no order can be told, anything is accepted
};

// Memory grows with the number of keys, not of messages.
class ExpectedState {
 public:
  // Without values only the times are kept: enough to tell what is late.
  ExpectedState(TieRule ties, bool with_values) : ties_(ties), with_values_(with_values) {}

  // In the order of delivery. True if it is older than one that came before, with the same key.
  bool add(const SentReading& reading);

  const ExpectedKey* find(const Fingerprint& key) const;
  std::size_t size() const { return keys_.size(); }

  // In the order in which keys were first sent.
  void for_each(const std::function<void(const Fingerprint&, const ExpectedKey&)>& visit) const;

 private:
  void accept(ExpectedKey& key, const SentReading& reading) const;

  TieRule ties_;
  bool with_values_;
  std::unordered_map<Fingerprint, ExpectedKey, FingerprintHash> keys_;
  std::vector<Fingerprint> order_;
};

// For people, of a value's canonical JSON.
std::string show_value(std::string_view value);

// "VIN diagnostics.odometer", with "[2]" for item 2.
std::string name_of_key(std::string_view vin, std::string_view capability,
                        std::string_view property, std::uint32_t item);

}  // namespace autotape
