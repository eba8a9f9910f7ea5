#include "verify/expected_state.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"

namespace autotape {
namespace {

AcceptedReading accepted_from(const SentReading& reading) {
  return {reading.timestamp, hash_of(reading.value), hash_of(reading.number),
          show_value(reading.number)};
}

}  // namespace

std::string show_value(std::string_view value) {
  return value == "null" ? "no value" : printable(value, 40);
}

std::string name_of_key(std::string_view vin, std::string_view capability,
                        std::string_view property, std::uint32_t item) {
  return item == 0 ? fmt::format("{} {}.{}", vin, capability, property)
                   : fmt::format("{} {}.{}[{}]", vin, capability, property, item);
}

bool ExpectedState::add(const SentReading& reading) {
  const Fingerprint print =
      fingerprint_of_key(reading.vin, reading.capability, reading.property, reading.item);
  const auto [found, first] = keys_.try_emplace(print);
  ExpectedKey& key = found->second;
  if (first) {
    order_.push_back(print);
    key.name = name_of_key(reading.vin, reading.capability, reading.property, reading.item);
    key.property = fingerprint_of_property(reading.capability, reading.property);
  }
  if (!reading.timestamp) {
    key.untimed = true;
    return false;
  }
  const bool late = key.newest && *reading.timestamp < *key.newest;
  key.newest = late ? *key.newest : *reading.timestamp;
  accept(key, reading);
  return late;
}

void ExpectedState::accept(ExpectedKey& key, const SentReading& reading) const {
  const DataTime time = *reading.timestamp;
  const bool tie = key.newest_required == time;
  if ((key.newest_required && time < *key.newest_required) ||
      (tie && !reading.optional && ties_ == TieRule::first)) {
    return;
  }
  if (!reading.optional) {
    const bool replaces_equal = tie && ties_ == TieRule::last;
    std::erase_if(key.accepted, [&](const AcceptedReading& other) {
      return *other.timestamp < time || (replaces_equal && *other.timestamp == time);
    });
    key.newest_required = time;
  }
  if (!with_values_) {
    return;
  }
  AcceptedReading accepted = accepted_from(reading);
  const bool known =
      std::any_of(key.accepted.begin(), key.accepted.end(), [&](const AcceptedReading& other) {
        return other.timestamp == accepted.timestamp && other.value == accepted.value;
      });
  if (!known) {
    key.accepted.push_back(std::move(accepted));
  }
}

const ExpectedKey* ExpectedState::find(const Fingerprint& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

void ExpectedState::for_each(
    const std::function<void(const Fingerprint&, const ExpectedKey&)>& visit) const {
  for (const Fingerprint& key : order_) {
    visit(key, keys_.at(key));
  }
}

}  // namespace autotape
