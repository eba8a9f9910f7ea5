#include "core/rfc3339.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace autotape {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes digits and separators from the front of a text; remembers the first failure.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
      failed_ = true;
      return '\0';
    }
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  // ".123…" as nanoseconds; zero if there is no fraction.
  Duration fraction() {
    if (rest_.empty() || rest_.front() != '.') {
      return Duration(0);
    }
    rest_.remove_prefix(1);
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000'000;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      unit /= 10;
      value += unit * (rest_[count] - '0');
    }
    failed_ = failed_ || count == 0;
    rest_.remove_prefix(count);
    return Duration(value);
  }

  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::optional<Duration> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  const int year = scan.digits(4);
  scan.one_of("-");
  const int month = scan.digits(2);
  scan.one_of("-");
  const int day = scan.digits(2);
  scan.one_of("Tt");
  const int hour = scan.digits(2);
  scan.one_of(":");
  const int minute = scan.digits(2);
  scan.one_of(":");
  const int second = scan.digits(2);
  const Duration fraction = scan.fraction();
  const char zone = scan.one_of("Zz+-");
  int offset_hours = 0;
  int offset_minutes = 0;
  if (zone == '+' || zone == '-') {
    offset_hours = scan.digits(2);
    scan.one_of(":");
    offset_minutes = scan.digits(2);
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!scan.finished() || !date.ok() || hour > 23 || minute > 59 || second > 60 ||
      offset_hours > 23 || offset_minutes > 59) {
    return std::nullopt;
  }

  const seconds offset = (zone == '-' ? -1 : 1) * (hours(offset_hours) + minutes(offset_minutes));
  const auto day_start = std::chrono::sys_days(date).time_since_epoch();
  const seconds utc = seconds(day_start) + hours(hour) + minutes(minute) + seconds(second) - offset;
  if (second == 60 && utc % days(1) != seconds(0)) {
    return std::nullopt;
  }
  constexpr seconds limit = std::chrono::duration_cast<seconds>(Duration::max()) - seconds(1);
  if (utc > limit || utc < -limit) {
    return std::nullopt;
  }
  return Duration(utc) + fraction;
}

std::string format_rfc3339(Duration since_epoch) {
  const auto whole = std::chrono::floor<seconds>(since_epoch);
  const auto day_start = std::chrono::floor<days>(whole);
  const std::chrono::year_month_day date{std::chrono::sys_days(day_start)};
  const auto time = std::chrono::hh_mm_ss(whole - day_start);
  const auto nanoseconds = (since_epoch - Duration(whole)).count();

  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  if (nanoseconds % 1'000 != 0) {
    text += fmt::format(".{:09}", nanoseconds);
  } else if (nanoseconds % 1'000'000 != 0) {
    text += fmt::format(".{:06}", nanoseconds / 1'000);
  } else if (nanoseconds != 0) {
    text += fmt::format(".{:03}", nanoseconds / 1'000'000);
  }
  return text + "Z";
}

}  // namespace autotape
