#include "verify/fingerprint.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace autotape {
namespace {

Fingerprint from(const XXH128_hash_t& hash) {
  return {hash.high64, hash.low64};
}

}  // namespace

Fingerprint fingerprint_of(std::string_view bytes) {
  return from(XXH3_128bits(bytes.data(), bytes.size()));
}

Fingerprint fingerprint_of_key(std::string_view vin, std::string_view capability,
                               std::string_view property, std::uint32_t item) {
  // Each part's hash seeds the next one, so that no separator is needed that a name could hold.
  XXH128_hash_t hash = XXH3_128bits_withSeed(vin.data(), vin.size(), item);
  hash = XXH3_128bits_withSeed(capability.data(), capability.size(), hash.low64 ^ hash.high64);
  return from(XXH3_128bits_withSeed(property.data(), property.size(), hash.low64 ^ hash.high64));
}

Fingerprint fingerprint_of_property(std::string_view capability, std::string_view property) {
  return fingerprint_of_key({}, capability, property, 0);
}

std::uint64_t hash_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace autotape
