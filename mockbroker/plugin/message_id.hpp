// The message_id of a payload, without parsing all of it.
#pragma once

#include <string_view>

namespace autotape {

// What stands after the first `"message_id":` if it is a string of at most 128 printable ASCII
// characters without escapes; else empty. Good enough to name a message in the event log: who must
// be sure reads the payload.
std::string_view find_message_id(std::string_view payload);

}  // namespace autotape
