// Everything that is left of a damaged tape.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

class RecoveryReader : public TapeReader {
 public:
  // How many messages are not on the tape any more, when `read` were read and next() gave `end`;
  // nothing if that cannot be known.
  virtual std::optional<std::uint64_t> lost(std::uint64_t read) const = 0;
};

// Reads past damage, and behind the tape what the journal of a recording that was killed still
// holds.
Result<std::unique_ptr<RecoveryReader>> open_for_recovery(const std::string& path);

}  // namespace autotape
