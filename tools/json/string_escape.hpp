// The escapes of JSON strings (RFC 8259 section 7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autotape {

enum class EscapeFault : std::uint8_t { none, bad_escape, lone_surrogate };

// `raw` is what stands between the quotes, in UTF-8 without control characters. Appends its
// characters to `out`; never more bytes than `raw` has.
EscapeFault unescape_json_string(std::string_view raw, std::string& out);

// U+0000 to U+10FFFF, no surrogate.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace autotape
