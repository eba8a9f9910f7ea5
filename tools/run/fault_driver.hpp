// Decides when the faults of a scenario strike.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "replay/pace.hpp"
#include "run/broker_watch.hpp"
#include "run/change_signal.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// A fault that strikes after so many deliveries holds the replay back until it is done, so that it
// strikes at the same place in every run. One that has a time or waits for an event does not.
class FaultDriver {
 public:
  using Strike = std::function<Result<void>(const Json& what)>;

  // `changed` wakes the thread that calls strike_due(), and must outlive this.
  FaultDriver(std::vector<TimedFault> faults, ReplayRate rate, ChangeSignal& changed);

  // The plan with the replay held back at the counted faults. Must not outlive this.
  std::unique_ptr<DeliverySource> gated(std::unique_ptr<DeliverySource> plan);

  // Strikes whatever is due. To be called again and again, by one thread.
  Result<void> strike_due(MonotonicTime replay_start, const BrokerWatch& watch,
                          const Strike& strike);

  // A replay is held back after so many deliveries. Nothing: it runs.
  std::optional<std::uint64_t> held_after() const;

  // No fault strikes any more, and nothing is held back.
  void release();

  // How long a duration of the plan takes on the wall; nothing passes at rate "max" or "N/s".
  Duration wall_time(Duration plan_time) const;

 private:
  class Gate;

  struct Pending {
    TimedFault fault;
    std::optional<MonotonicTime> due;  // known once its moment has come and it pauses
    bool struck = false;
  };

  void hold_before(const Delivery& delivery);
  bool moment_has_come(const Pending& pending, MonotonicTime replay_start,
                       const BrokerWatch& watch) const;

  ReplayRate rate_;
  ChangeSignal& changed_;
  std::vector<Pending> pending_;  // used by the thread that strikes, but for `struck`

  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::vector<std::uint64_t> counts_;        // of the counted faults that have not struck, in order
  std::optional<std::uint64_t> held_after_;  // so many deliveries were sent, and the next waits
  bool abandoned_ = false;
};

}  // namespace autotape
