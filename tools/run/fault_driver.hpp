// Decides when the faults of a scenario strike.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "replay/pace.hpp"
#include "run/change_signal.hpp"
#include "run/fault_fate.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// A fault that strikes after so many deliveries holds the replay back until it is done, so that it
// strikes at the same place in every run; one after the last delivery strikes at the end. So does
// one that has a time where none passes, at rate "max" or "N/s": it strikes before the first
// delivery that is due then. Others do not hold anything back.
class FaultDriver {
 public:
  // `number` counts the faults from 0, as they were given.
  using Strike = std::function<Result<FaultFate>(std::size_t number, const Json& what)>;
  using Seen = std::function<bool(const std::string& event)>;  // of the broker

  // `changed` wakes the thread that calls strike_due(), and must outlive this.
  FaultDriver(std::vector<TimedFault> faults, ReplayRate rate, ChangeSignal& changed);

  // The plan with the replay held back at the faults that have a place in it. Must not outlive
  // this.
  std::unique_ptr<DeliverySource> gated(std::unique_ptr<DeliverySource> plan);

  // Strikes whatever is due. To be called again and again, by one thread.
  Result<void> strike_due(MonotonicTime replay_start, const Seen& seen, const Strike& strike);

  // A replay is held back after so many deliveries. Nothing: it runs.
  std::optional<std::uint64_t> held_after() const;

  // The replay has asked for all there is, and nothing holds it back there.
  bool at_end() const;

  // Will one strike if the run goes on for long enough, whatever happens? By the thread that
  // strikes.
  bool may_still_strike() const;

  // For how long could the replay have gone on, and did not? Only while it plays.
  Duration overdue(MonotonicTime replay_start) const;

  // These, which struck, were taken back when that had happened. By the thread that strikes.
  void note_lifted(const std::vector<std::size_t>& numbers, const std::string& when);

  // No fault strikes any more, and nothing is held back.
  void release();

  // What became of each, as they were given, if the run is over now. By the thread that strikes.
  std::vector<FaultFate> fates() const;

  // How long a duration of the plan takes on the wall; nothing passes at rate "max" or "N/s".
  Duration wall_time(Duration plan_time) const;

 private:
  class Gate;

  struct Pending {
    TimedFault fault;
    std::optional<MonotonicTime> due{};  // known once its moment has come and it pauses
    std::optional<FaultFate> fate{};     // known once its turn has come
  };

  // Between two deliveries.
  struct Place {
    std::uint64_t sent = 0;
    std::optional<DueTime> next{};  // when the next one is due; nothing at the end of the plan
  };

  // Does a fault at this place of the plan strike no later than there?
  static bool is_reached(std::uint64_t count, const Place& place) { return count <= place.sent; }
  static bool is_reached(DueTime time, const Place& place) {
    return place.next && time <= *place.next;
  }

  bool time_passes() const { return rate_.kind == ReplayRate::Kind::multiple; }
  bool abandoned() const;
  void hold_at(const Place& place);
  void note_given(DueTime due);
  void note_end();
  bool must_hold_at(const Place& place) const;
  bool moment_has_come(const Pending& pending, MonotonicTime replay_start, const Seen& seen) const;
  std::string why_not(const Pending& pending) const;

  ReplayRate rate_;
  ChangeSignal& changed_;
  std::vector<Pending> pending_;  // used by the thread that strikes

  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::vector<std::uint64_t> counts_;  // of the faults that hold back and have not struck, in order
  std::vector<DueTime> times_;         // likewise
  std::optional<Place> held_at_;       // so much was sent, and the next delivery waits
  DueTime due_{};                      // of the delivery that was given last
  MonotonicTime given_at_{};           // when it was
  bool at_end_ = false;
  bool abandoned_ = false;
};

}  // namespace autotape
