#include "run/strikes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"

namespace autotape {
namespace {

// How long a fault waits for broker and consumer to take what was sent before: otherwise its place
// would be a matter of luck.
constexpr Duration longest_drain = std::chrono::seconds(2);

// How soon it is seen that the run is interrupted.
constexpr Duration turn = std::chrono::milliseconds(100);

// How long a takeover waits for the new process to connect.
constexpr Duration longest_start = std::chrono::seconds(10);

// How long a fault waits for the client whose connection it is about.
constexpr Duration longest_absence = std::chrono::seconds(10);

// Whose connection of that moment a fault is about; nothing for other faults.
ClientChoice client_to_be_connected(const Fault& fault) {
  if (const auto* const disconnect = std::get_if<Disconnect>(&fault)) {
    return disconnect->client;
  }
  const auto* const cut = std::get_if<Cut>(&fault);
  return cut != nullptr ? cut->client : std::nullopt;
}

// How long a fault keeps its client away, by itself.
Duration absence_by(const Fault& fault) {
  const auto* const refuse = std::get_if<Refuse>(&fault);
  return refuse != nullptr ? refuse->duration : Duration::zero();
}

}  // namespace

Result<FaultFate> Strikes::strike(std::size_t number, const Json& what) {
  if (what.contains("consumer")) {
    return strike_consumers(what);
  }
  return strike_broker(number, what);
}

Result<std::vector<std::size_t>> Strikes::lift() {
  AUTOTAPE_TRY(broker_.inject(Resume{}));
  for (TestedConsumer& tested : consumers_) {
    tested.undisturbed_since = std::max(tested.undisturbed_since, monotonic_now());
  }
  return held_.release();
}

Result<FaultFate> Strikes::strike_consumers(const Json& what) {
  if (consumers_.external()) {
    return FaultFate{false, "the consumer was not started by this run"};
  }
  FaultFate fate{false, "there is no such consumer"};
  for (TestedConsumer& tested : consumers_) {
    if (what.contains("number") && what["number"] != tested.conduct.number) {
      continue;
    }
    if (tested.faulty()) {
      fate.why_not = "the consumer had failed already";
      continue;
    }
    AUTOTAPE_TRY(strike_consumer(tested, what));
    tested.undisturbed_since = std::max(tested.undisturbed_since, monotonic_now());
    fate.struck = true;
  }
  return fate.struck ? FaultFate{} : fate;
}

bool Strikes::all_came_to_the_broker() const {
  return watch_.published() >= driver_.held_after().value_or(0);
}

Result<void> Strikes::strike_consumer(TestedConsumer& tested, const Json& what) {
  const std::string action = what.value("consumer", "");
  if (action == "takeover") {
    return take_over(tested, what);
  }
  if (action == "kill") {
    tested.consumer->kill();
  } else {
    changed_.poll_for(longest_drain, [&] {
      return interrupted_() ||
             (all_came_to_the_broker() && watch_.outstanding(tested.client_id()) == 0);
    });
    tested.consumer->stop(stop_timeout_);
  }
  if (action == "stop") {
    const Duration away = parse_duration(what.value("for", "0")).value_or(Duration::zero());
    tested.starts_again = monotonic_now() + driver_.wall_time(away);
    return {};
  }
  return tested.consumer->start();
}

// A new process with the same certificate: the broker throws the old one out when it connects. The
// old one is told to end a while later, and until then it may fight for its place.
Result<void> Strikes::take_over(TestedConsumer& tested, const Json& what) {
  const std::uint64_t before = watch_.connections(tested.client_id());
  AUTOTAPE_TRY(tested.consumer->start_successor());
  const auto over = [&] { return interrupted_() || tested.consumer->ended(); };
  changed_.poll_for(longest_start,
                    [&] { return watch_.connections(tested.client_id()) > before || over(); });
  const Duration overlap = parse_duration(what.value("for", "0")).value_or(Duration::zero());
  changed_.poll_for(driver_.wall_time(overlap), over);
  tested.consumer->stop_predecessor(stop_timeout_);
  return {};
}

Result<FaultFate> Strikes::strike_broker(std::size_t number, Json what) {
  for (const TestedConsumer& tested : consumers_) {
    if (what.contains("client") &&
        (what["client"] == "consumer" ||
         what["client"] == fmt::format("consumer {}", tested.conduct.number))) {
      what["client"] = tested.client_id();
    }
  }
  AUTOTAPE_TRY_ASSIGN(const Fault fault, fault_from_json(what, "faults"));
  changed_.poll_for(longest_drain, [&] { return interrupted_() || all_came_to_the_broker(); });
  const ClientChoice client = client_to_be_connected(fault);
  FaultFate fate;
  if (client) {
    AUTOTAPE_TRY_ASSIGN(fate, strike_connection(fault, *client));
  } else {
    AUTOTAPE_TRY(broker_.inject(fault));
  }
  held_.note(number, fault);
  const auto* const expire = std::get_if<Expire>(&fault);
  for (TestedConsumer& tested : consumers_) {
    if (!what.contains("client") || what["client"] == tested.client_id()) {
      tested.undisturbed_since =
          std::max(tested.undisturbed_since, monotonic_now() + absence_by(fault));
    }
    tested.expired = tested.expired || (expire != nullptr && expire->client == tested.client_id());
  }
  return fate;
}

// A client that is away for a moment, since another fault has struck, is waited for.
Result<FaultFate> Strikes::strike_connection(const Fault& fault, const std::string& client) const {
  const MonotonicTime until = monotonic_now() + longest_absence;
  while (true) {
    AUTOTAPE_TRY(broker_.has_connected(client, turn));
    const auto done = broker_.inject(fault);
    if (done) {
      return FaultFate{};
    }
    if (interrupted_()) {
      return FaultFate{false, "the run was cut short"};
    }
    if (monotonic_now() >= until) {
      return done.error();
    }
  }
}

}  // namespace autotape
