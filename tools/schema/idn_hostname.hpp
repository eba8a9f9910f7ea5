// Host names in any script: IDNA 2008 (RFC 5890 to 5893), with libidn2's tables of Unicode.
#pragma once

#include <string_view>

namespace autotape {

// Labels between full stops of any width (RFC 3490 section 3.1), each of letters, digits and
// hyphens, an A-label ("xn--…") that is what its decoded form encodes to, or a U-label that may be
// registered. At most 63 bytes each and 253 in all, as encoded.
bool is_idn_hostname(std::string_view text);

}  // namespace autotape
