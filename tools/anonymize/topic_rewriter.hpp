// Topics and topic filters, level by level.
#pragma once

#include <string>
#include <string_view>

#include "anonymize/harmless.hpp"
#include "anonymize/substitution.hpp"

namespace autotape {

// Public words and wildcards stay; every other level is replaced. As many levels as before.
std::string rewritten_topic(std::string_view topic, const Harmless& harmless,
                            Substitution& substitution);

}  // namespace autotape
