// The message_ids of made-up messages.
#pragma once

#include <string>

#include "core/random.hpp"

namespace autotape {

// 64 upper-case hexadecimal digits, as the provider's have.
void append_message_id(std::string& out, Random& random);

}  // namespace autotape
