// A tape that is there when it is whole, and not before.
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"
#include "tape/writer.hpp"

namespace autotape {

// Writes beside `path`, and gives the tape its name when it is closed. A writer that goes away
// before that leaves nothing. Only the owner may read the tape if `access` says so. Fails at once
// if `path` or a journal of it exists, unless `force` is given; always if a recorder writes it.
Result<std::unique_ptr<TapeWriter>> create_whole_tape(const std::string& path,
                                                      const TapeHeader& header, FileAccess access,
                                                      bool force);

}  // namespace autotape
