#include "verify/consumer_state.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/rfc3339.hpp"

namespace autotape {
namespace {

// Consumers that keep times as milliseconds (JavaScript's Date) give them back as such.
bool same_time(const HeldReading& held, DataTime time) {
  using std::chrono::floor;
  using std::chrono::milliseconds;
  return !held.timestamp || floor<milliseconds>(*held.timestamp) == floor<milliseconds>(time);
}

bool same_value(const HeldReading& held, const AcceptedReading& accepted) {
  return !held.value || *held.value == accepted.value || *held.value == accepted.number;
}

std::string describe(std::string_view value, std::optional<DataTime> time) {
  return time ? fmt::format("{} of {}", value, format_rfc3339(time->time_since_epoch()))
              : std::string(value);
}

Finding finding(FindingKind kind, const std::string& key, std::string text) {
  return {kind, {}, {}, key, 0, std::move(text)};
}

// Both are of one key.
void take(const ObservedReading& reading, HeldReading& held) {
  if (held.name.empty()) {
    held.name = name_of_key(reading.vin, reading.capability, reading.property, reading.item);
  }
  held.timestamp = reading.timestamp;
  held.value = reading.value ? std::optional(hash_of(*reading.value)) : std::nullopt;
  held.shown = reading.value ? show_value(*reading.value) : "a reading";
}

std::optional<Finding> judge(const ExpectedKey& expected, const HeldReading& held) {
  const bool right =
      std::any_of(expected.accepted.begin(), expected.accepted.end(), [&](const auto& accepted) {
        return same_time(held, *accepted.timestamp) && same_value(held, accepted);
      });
  if (right || expected.accepted.empty()) {
    return std::nullopt;
  }
  const AcceptedReading& wanted = expected.accepted.front();
  const bool older = held.timestamp && *held.timestamp < *wanted.timestamp;
  return finding(
      older || !held.timestamp ? FindingKind::stale : FindingKind::corrupted, expected.name,
      fmt::format("ends with {}, newest delivered is {}", describe(held.shown, held.timestamp),
                  describe(wanted.shown, wanted.timestamp)));
}

std::optional<Finding> difference(const HeldReading& clean, const HeldReading* shaped) {
  if (shaped == nullptr) {
    return finding(
        FindingKind::lost, clean.name,
        fmt::format("ends with {} after the clean stream, with nothing after the shaped one",
                    describe(clean.shown, clean.timestamp)));
  }
  if (clean.value == shaped->value && clean.timestamp == shaped->timestamp) {
    return std::nullopt;
  }
  const bool older = clean.timestamp && shaped->timestamp && *shaped->timestamp < *clean.timestamp;
  return finding(older ? FindingKind::stale : FindingKind::corrupted, clean.name,
                 fmt::format("ends with {} after the clean stream, with {} after the shaped one",
                             describe(clean.shown, clean.timestamp),
                             describe(shaped->shown, shaped->timestamp)));
}

}  // namespace

ConsumerState::Sayings& ConsumerState::sayings_of(const ObservedReading& reading) {
  const Fingerprint key =
      fingerprint_of_key(reading.vin, reading.capability, reading.property, reading.item);
  const auto [found, first] = keys_.try_emplace(key);
  if (first) {
    order_.push_back(key);
  }
  return found->second;
}

void ConsumerState::add_stated(const ObservedReading& reading) {
  Sayings& sayings = sayings_of(reading);
  sayings.resize(1);
  sayings.front().by = stated;
  take(reading, sayings.front().reading);
}

void ConsumerState::add_applied(const ObservedReading& reading, std::uint32_t consumer) {
  Sayings& sayings = sayings_of(reading);
  if (!sayings.empty() && sayings.front().by == stated) {
    return;
  }
  const auto known = std::find_if(sayings.begin(), sayings.end(),
                                  [&](const Said& said) { return said.by == consumer; });
  if (known == sayings.end()) {
    sayings.push_back({consumer, {}});
  } else {
    std::rotate(known, known + 1, sayings.end());
  }
  take(reading, sayings.back().reading);
}

// Without a timestamp nothing is known but who spoke last.
const HeldReading& ConsumerState::newest_of(const Sayings& sayings) {
  const HeldReading* newest = &sayings.front().reading;
  for (const Said& said : sayings) {
    const bool older =
        said.reading.timestamp && newest->timestamp && *said.reading.timestamp < *newest->timestamp;
    newest = older ? newest : &said.reading;
  }
  return *newest;
}

const HeldReading* ConsumerState::find(const Fingerprint& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &newest_of(found->second);
}

void ConsumerState::for_each(
    const std::function<void(const Fingerprint&, const HeldReading&)>& visit) const {
  for (const Fingerprint& key : order_) {
    visit(key, newest_of(keys_.at(key)));
  }
}

std::uint64_t compare_with_expected(const ExpectedState& expected, const ConsumerState& held,
                                    const std::function<bool(const ExpectedKey&)>& must_have,
                                    const std::function<void(Finding)>& report) {
  std::uint64_t judged = 0;
  expected.for_each([&](const Fingerprint& print, const ExpectedKey& key) {
    const HeldReading* const reading = held.find(print);
    if (reading == nullptr && !must_have(key)) {
      return;
    }
    ++judged;
    if (reading == nullptr) {
      if (key.newest_required) {
        report(finding(FindingKind::lost, key.name, "has no value in the consumer's state"));
      }
    } else if (!key.untimed) {
      if (auto wrong = judge(key, *reading)) {
        report(std::move(*wrong));
      }
    }
  });
  held.for_each([&](const Fingerprint& print, const HeldReading& reading) {
    if (expected.find(print) == nullptr) {
      report(finding(FindingKind::unexpected, reading.name,
                     fmt::format("ends with {}, and was never delivered", reading.shown)));
    }
  });
  return judged;
}

std::uint64_t compare_states(const ConsumerState& clean, const ConsumerState& shaped,
                             const std::function<bool(const Fingerprint&)>& is_compared,
                             const std::function<void(Finding)>& report) {
  std::uint64_t compared = 0;
  clean.for_each([&](const Fingerprint& print, const HeldReading& before) {
    if (is_compared(print)) {
      ++compared;
      if (auto found = difference(before, shaped.find(print))) {
        report(std::move(*found));
      }
    }
  });
  shaped.for_each([&](const Fingerprint& print, const HeldReading& after) {
    if (clean.find(print) == nullptr && is_compared(print)) {
      ++compared;
      report(finding(FindingKind::unexpected, after.name,
                     fmt::format("ends with {} after the shaped stream only", after.shown)));
    }
  });
  return compared;
}

}  // namespace autotape
