// The message_id of a payload, without parsing all of it.
#pragma once

#include <string_view>

namespace autotape {

// What stands between the quotes after the first `"message_id":`, as it is written there: with
// escapes, and not yet known to be UTF-8. Empty if it is no string, or one of more than 4,096
// bytes.
std::string_view find_message_id(std::string_view payload);

}  // namespace autotape
