// HMAC-SHA-256 (RFC 2104), for names that only the holder of a key can tell.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace autotape {

using HmacDigest = std::array<std::uint8_t, 32>;

// One key, many texts. Not thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;

  // Of all parts, one behind the other.
  HmacDigest of(std::initializer_list<std::string_view> parts);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace autotape
