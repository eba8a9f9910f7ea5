// Date-times as RFC 3339 section 5.6 writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace autotape {

// Nanoseconds since the Unix epoch, UTC; nothing if `text` is no RFC 3339 date-time or lies outside
// of what 64 bits of nanoseconds hold (1677 to 2262). Lower-case `t` and `z` are valid; a space for
// `T` is not. A leap second (23:59:60 UTC, in any offset) is the same moment as the second after
// it. Fractions beyond nanoseconds are cut.
std::optional<Duration> parse_rfc3339(std::string_view text);

// "2021-11-01T10:33:10Z", with 3, 6 or 9 digits of fraction where they are needed.
std::string format_rfc3339(Duration since_epoch);

template <typename Clock>
std::optional<TimePoint<Clock>> parse_rfc3339_as(std::string_view text) {
  const auto since_epoch = parse_rfc3339(text);
  return since_epoch ? std::optional(TimePoint<Clock>(*since_epoch)) : std::nullopt;
}

}  // namespace autotape
