// The details of markers are texts; those that this program writes itself are known to be harmless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace autotape {

// `detail` with `other_broker` in the place of `broker`; nothing if it is no text of this program.
std::optional<std::string> harmless_detail(std::string_view detail, std::string_view broker,
                                           std::string_view other_broker);

}  // namespace autotape
