// What a closed MCAP tape of ours holds, from the end of its file alone.
#pragma once

#include <optional>

#include "core/file.hpp"
#include "core/result.hpp"
#include "tape/contents.hpp"
#include "tape/tape.hpp"

namespace autotape::mcap {

struct StoredContents {
  TapeHeader header;
  TapeContents contents;
};

// Some reads, however large the tape is. Nothing if the tape was not closed, is a pipe, is another
// program's, or if its end is damaged: then it must be read through.
Result<std::optional<StoredContents>> read_stored_contents(const InputFile& file);

}  // namespace autotape::mcap
