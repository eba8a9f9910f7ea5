// Values with units, as people write them on a command line and in a scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace autotape {

// A hundred years: so much may be added to the time of any clock.
inline constexpr Duration longest_duration = std::chrono::hours(24 * 365 * 100);

// "200ms", "90s", "1h30m", "1.5s", "2d"; units ns, us, ms, s, m or min, h, d. A bare number has no
// unit and is refused, except "0"; so is more than longest_duration.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest exact form that parse_duration() reads: "1h30m", "200ms", "0s".
std::string format_duration(Duration duration);

// For people: three significant digits, "1.25 s", "83 µs", "2 h 05 min".
std::string describe_duration(Duration duration);

// "64KiB", "1MiB", "10MB", "4096" (bytes).
std::optional<std::uint64_t> parse_byte_count(std::string_view text);

// For people: "17.2 MB".
std::string describe_byte_count(std::uint64_t bytes);

// "10%" or "0.1"; within 0 to 1.
std::optional<double> parse_share(std::string_view text);

// For people: "1,234,567".
std::string describe_count(std::uint64_t count);

}  // namespace autotape
