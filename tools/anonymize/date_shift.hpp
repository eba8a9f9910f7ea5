// All times of a tape move by the same number of days: order, intervals and times of day stay.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace autotape {

class DateShift {
 public:
  static constexpr int most_days = 3650;  // either way

  explicit DateShift(int days) : days_(days) {}

  // RFC 3339 date-times and what is nearly one ("2026-03-01 07:00"): only the date changes, the
  // rest stays byte for byte. Nothing if `text` is something else. Dates before 2012 and after 2099
  // are no times of a car on this stream, but stand for "never" or are wrong on purpose: they stay.
  std::optional<std::string> shifted(std::string_view text) const;

  ReceivedTime shifted(ReceivedTime time) const { return time + std::chrono::hours(24 * days_); }

 private:
  int days_;
};

}  // namespace autotape
