// The rules that messages are held against, by the names that --ignore takes.
#pragma once

#include <span>
#include <string_view>

#include "schema/violation.hpp"

namespace autotape {

struct MessageRule {
  std::string_view name;
  Severity severity;  // without --strict
  std::string_view meaning;
};

// Ordered as they are checked.
std::span<const MessageRule> message_rules();

const MessageRule* find_rule(std::string_view name);  // null if there is none

}  // namespace autotape
