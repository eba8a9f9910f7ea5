// JSON text, appended piece by piece. No number goes through the C library: it is the same
// everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autotape {

// "48211.43": rounded to so many places behind the point, without zeros at the end.
void append_decimal(std::string& out, double value, unsigned places);

void append_integer(std::string& out, std::uint64_t value);

// `text` needs no escapes.
void append_quoted(std::string& out, std::string_view text);

// {"unit":…,"value":…}
void append_quantity(std::string& out, std::string_view unit, double value, unsigned places);

}  // namespace autotape
