#pragma once

#include <string>

#include "tape/writer.hpp"

namespace autotape {

// resume_tape() for NDJSON. Reads the whole tape, so that what goes on is whole.
Result<ResumedTape> resume_ndjson_tape(const std::string& path, const TapeHeader& header);

}  // namespace autotape
