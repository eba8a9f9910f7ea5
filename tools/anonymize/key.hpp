// The key of pseudonyms: in a file of its own, readable by its owner only. Whoever has it can find
// out which pseudonym a car has; whoever has not, cannot.
#pragma once

#include <string>

#include "core/result.hpp"

namespace autotape {

struct AnonymizeKey {
  std::string secret;  // 32 bytes
  std::string id;      // 16 hexadecimal digits that tell keys apart and say nothing of the secret
};

// The key that the file holds: one line of 64 hexadecimal digits.
Result<AnonymizeKey> read_anonymize_key(const std::string& path);

struct OpenedKey {
  AnonymizeKey key;
  bool is_new = false;
};

// As above; where there is no such file, it is made with a new key.
Result<OpenedKey> open_anonymize_key(const std::string& path);

AnonymizeKey anonymize_key_of(std::string secret);

}  // namespace autotape
