// Who may read a private key.
#pragma once

#include <optional>
#include <string>

namespace autotape {

// One line, with the command that helps, if others than its owner may read the file; nothing if it
// cannot be looked at.
std::optional<std::string> key_access_warning(const std::string& key_file);

}  // namespace autotape
