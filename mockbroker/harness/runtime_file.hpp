// Files that live no longer than the broker.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

// Whole or not there, like write_file(), but not made to survive a power cut: that takes
// milliseconds, and nobody would read it afterwards. For the owner only.
Result<void> write_runtime_file(const std::string& path, std::string_view bytes);

}  // namespace autotape
