#include "run/held_connections.hpp"

#include <algorithm>
#include <utility>

namespace autotape {

void HeldConnections::note(std::size_t number, const Fault& fault) {
  if (const auto* const pause = std::get_if<Pause>(&fault)) {
    held_.push_back({number, pause->client, true});
  } else if (const auto* const latency = std::get_if<Latency>(&fault)) {
    held_.push_back({number, latency->client, false});
  } else if (const auto* const bandwidth = std::get_if<Bandwidth>(&fault)) {
    held_.push_back({number, bandwidth->client, false});
  } else if (const auto* const resume = std::get_if<Resume>(&fault)) {
    std::erase_if(
        held_, [&](const Held& held) { return !resume->client || held.client == resume->client; });
  }
}

bool HeldConnections::holds(const std::string& client) const {
  return std::any_of(held_.begin(), held_.end(),
                     [&](const Held& held) { return !held.client || held.client == client; });
}

bool HeldConnections::any_stands_still() const {
  return std::any_of(held_.begin(), held_.end(),
                     [](const Held& held) { return held.stands_still; });
}

std::vector<std::size_t> HeldConnections::release() {
  std::vector<std::size_t> numbers;
  for (const Held& held : std::exchange(held_, {})) {
    numbers.push_back(held.number);
  }
  return numbers;
}

}  // namespace autotape
