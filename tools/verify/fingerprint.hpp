// 128 bits that stand for a message id or a reading's key, so that millions of them fit in memory.
// XXH3: two of ten million ids collide with a probability of 10^-25.
#pragma once

#include <cstdint>
#include <string_view>

namespace autotape {

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const Fingerprint&) const = default;
};

// For the standard's hash tables: the bits are already mixed.
struct FingerprintHash {
  std::size_t operator()(const Fingerprint& print) const { return print.low; }
};

Fingerprint fingerprint_of(std::string_view bytes);

// Of a reading's key: (vin, capability, property, item).
Fingerprint fingerprint_of_key(std::string_view vin, std::string_view capability,
                               std::string_view property, std::uint32_t item);

// Of (capability, property), of any car and item.
Fingerprint fingerprint_of_property(std::string_view capability, std::string_view property);

std::uint64_t hash_of(std::string_view bytes);

}  // namespace autotape
