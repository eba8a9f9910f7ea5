#include "x509/hmac.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace autotape;

namespace {

std::string hex(const HmacDigest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

}  // namespace

TEST_CASE("HMAC-SHA-256 gives the digests of RFC 4231") {
  HmacSha256 first(std::string(20, '\x0b'));
  CHECK(hex(first.of({"Hi There"})) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  HmacSha256 second("Jefe");
  CHECK(hex(second.of({"what do ya ", "want for nothing?"})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("One HMAC serves many texts") {
  HmacSha256 hmac("key");
  const HmacDigest first = hmac.of({"a"});
  CHECK(hmac.of({"b"}) != first);
  CHECK(hmac.of({"a"}) == first);
}
