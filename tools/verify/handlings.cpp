#include "verify/handlings.hpp"

#include <algorithm>

namespace autotape {

bool Handlings::begins(const Fingerprint& message, const Observation& observation) {
  if (observation.readings.empty()) {
    return true;
  }
  const auto [found, first] = open_.try_emplace(message);
  std::vector<Fingerprint>& named = found->second;
  if (first) {
    oldest_.push_back(message);
  }
  bool again = false;
  std::vector<Fingerprint> now;
  for (const ObservedReading& reading : observation.readings) {
    now.push_back(
        fingerprint_of_key(reading.vin, reading.capability, reading.property, reading.item));
    again = again || std::find(named.begin(), named.end(), now.back()) != named.end();
  }
  if (again) {
    named.clear();
  }
  named.insert(named.end(), now.begin(), now.end());
  if (oldest_.size() > most_open) {
    open_.erase(oldest_.front());
    oldest_.pop_front();
  }
  return first || again;
}

}  // namespace autotape
