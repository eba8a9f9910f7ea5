// When each delivery is due on the clock of the replay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace autotape {

// How fast a plan is played: "60" (times as fast as the tape), "500/s" (deliveries in a second),
// "max".
struct ReplayRate {
  enum class Kind { multiple, per_second, maximum };

  Kind kind = Kind::multiple;
  double value = 1;

  std::string text() const;
  bool operator==(const ReplayRate&) const = default;
};

std::optional<ReplayRate> parse_replay_rate(std::string_view text);

// Absolute: each moment is computed from one anchor, never from the moment before, so nothing
// drifts. A delivery's position is its due time in nanoseconds, or how many came before it at
// "N/s".
class Pace {
 public:
  Pace(ReplayRate rate, MonotonicTime start) : rate_(rate), anchor_(start) {}

  double position_of(DueTime due, std::uint64_t number) const;

  // Nothing: at once.
  std::optional<MonotonicTime> moment_of(double position) const;

  // The position that is due at `now`.
  double position_at(MonotonicTime now) const;

  // From `now` on; what was due before stays so.
  void multiply_rate(double factor, MonotonicTime now);
  void pause(MonotonicTime now);
  void resume(MonotonicTime now);

  // While paused: goes on to `position`.
  void step_to(double position);

  bool paused() const { return paused_; }
  const ReplayRate& rate() const { return rate_; }

 private:
  double speed() const;  // positions in a nanosecond

  ReplayRate rate_;
  MonotonicTime anchor_;
  double anchor_position_ = 0;
  bool paused_ = false;
};

}  // namespace autotape
