#include "run/strikes.hpp"

#include <fmt/format.h>

#include "core/quantity.hpp"

namespace autotape {
namespace {

// How long a fault waits for the consumer to take what was sent before.
constexpr Duration longest_drain = std::chrono::seconds(2);

}  // namespace

Result<void> Strikes::strike(const Json& what) {
  if (!what.contains("consumer")) {
    return strike_broker(what);
  }
  for (TestedConsumer& tested : consumers_) {
    const bool chosen = !what.contains("number") || what["number"] == tested.conduct.number;
    if (chosen && !consumers_.external() && !tested.faulty()) {
      AUTOTAPE_TRY(strike_consumer(tested, what));
    }
  }
  return {};
}

Result<void> Strikes::strike_consumer(TestedConsumer& tested, const Json& what) {
  const std::string action = what.value("consumer", "");
  if (action == "kill") {
    tested.consumer->kill();
  } else {
    // What was sent before must have come to it, or the place of the fault would be a matter of
    // luck.
    changed_.wait_for(longest_drain, [&] { return watch_.outstanding(tested.client_id()) == 0; });
    tested.consumer->stop(stop_timeout_);
  }
  if (action == "stop") {
    const Duration away = parse_duration(what.value("for", "0")).value_or(Duration::zero());
    tested.starts_again = monotonic_now() + driver_.wall_time(away);
    return {};
  }
  return tested.consumer->start();
}

Result<void> Strikes::strike_broker(Json what) {
  for (const TestedConsumer& tested : consumers_) {
    if (what.contains("client") &&
        (what["client"] == "consumer" ||
         what["client"] == fmt::format("consumer {}", tested.conduct.number))) {
      what["client"] = tested.client_id();
    }
  }
  AUTOTAPE_TRY_ASSIGN(const Fault fault, fault_from_json(what, "faults"));
  return broker_.inject(fault);
}

}  // namespace autotape
