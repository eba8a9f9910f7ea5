#include "replay/pace.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace autotape {

std::string ReplayRate::text() const {
  switch (kind) {
    case Kind::multiple:
      return fmt::format("{}", value);
    case Kind::per_second:
      return fmt::format("{}/s", value);
    case Kind::maximum:
      break;
  }
  return "max";
}

std::optional<ReplayRate> parse_replay_rate(std::string_view text) {
  if (text == "max") {
    return ReplayRate{ReplayRate::Kind::maximum, 0};
  }
  ReplayRate rate;
  if (text.ends_with("/s")) {
    rate.kind = ReplayRate::Kind::per_second;
    text.remove_suffix(2);
  } else if (text.ends_with('x')) {
    text.remove_suffix(1);
  }
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, rate.value);
  // Beyond these limits a nanosecond's arithmetic is no longer exact.
  const bool sound = error == std::errc() && stop == end && rate.value >= 1e-6 && rate.value <= 1e9;
  return sound ? std::optional(rate) : std::nullopt;
}

double Pace::position_of(DueTime due, std::uint64_t number) const {
  return rate_.kind == ReplayRate::Kind::per_second
             ? static_cast<double>(number)
             : static_cast<double>(due.time_since_epoch().count());
}

std::optional<MonotonicTime> Pace::moment_of(double position) const {
  if (rate_.kind == ReplayRate::Kind::maximum) {
    return std::nullopt;
  }
  return anchor_ + Duration(std::llround((position - anchor_position_) / speed()));
}

double Pace::position_at(MonotonicTime now) const {
  if (paused_ || rate_.kind == ReplayRate::Kind::maximum) {
    return anchor_position_;
  }
  return anchor_position_ + static_cast<double>((now - anchor_).count()) * speed();
}

void Pace::multiply_rate(double factor, MonotonicTime now) {
  const double changed = rate_.value * factor;
  if (rate_.kind == ReplayRate::Kind::maximum || changed < 1e-6 || changed > 1e9) {
    return;
  }
  anchor_position_ = position_at(now);
  anchor_ = now;
  rate_.value = changed;
}

void Pace::pause(MonotonicTime now) {
  anchor_position_ = position_at(now);
  paused_ = true;
}

void Pace::resume(MonotonicTime now) {
  anchor_ = now;
  paused_ = false;
}

void Pace::step_to(double position) {
  anchor_position_ = position;
}

double Pace::speed() const {
  return rate_.kind == ReplayRate::Kind::per_second ? rate_.value / 1e9 : rate_.value;
}

}  // namespace autotape
