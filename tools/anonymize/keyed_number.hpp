// Numbers that depend on the key and a text.
#pragma once

#include <cstdint>
#include <string_view>

#include "x509/hmac.hpp"

namespace autotape {

// Uniform in [0, bound) for all that is done with it here: bound is far below 2^64. `purpose` keeps
// uses apart.
inline std::uint64_t keyed_number(HmacSha256& hmac, std::string_view purpose, std::string_view text,
                                  std::uint64_t bound) {
  const HmacDigest digest = hmac.of({purpose, std::string_view("\0", 1), text});
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = number << 8U | digest[i];
  }
  return number % bound;
}

}  // namespace autotape
