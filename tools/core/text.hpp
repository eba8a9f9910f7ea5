// Text that comes from outside: is it UTF-8, can it be shown, what was meant by it?
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace autotape {

// Well-formed UTF-8 as in RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// Fit for one line of a terminal: control characters and broken UTF-8 as \x1B, cut with "…" to at
// most `most` characters.
std::string printable(std::string_view bytes, std::size_t most = 80);

// The name that is at most a third of its letters away from `written`, if there is one.
std::optional<std::string_view> nearest_name(std::string_view written,
                                             std::span<const std::string_view> known);

}  // namespace autotape
