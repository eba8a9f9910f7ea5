// MQTT topic filters (MQTT 3.1.1 and 5, section 4.7).
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

// `+` and `#` stand alone in their level, `#` only in the last one; not empty; at most 65,535 bytes
// of UTF-8 without NUL.
bool is_topic_filter(std::string_view filter);

// Section 4.7: `+` is one level, `#` the level above it and all below; neither matches a first
// level that begins with `$`. Both arguments must be well formed.
bool topic_matches(std::string_view filter, std::string_view topic);

// Is every topic that `inner` matches also matched by `outer`?
bool filter_covers(std::string_view outer, std::string_view inner);

}  // namespace autotape
