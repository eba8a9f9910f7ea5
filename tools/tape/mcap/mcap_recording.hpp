// MCAP tapes that are recorded to: a chunked tape with its journal beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tape/journal/journaled_writer.hpp"
#include "tape/writer.hpp"

namespace autotape::mcap {

// A new one; the file must not exist, and only the owner may read it. A chunk is cut when the
// journal has `chunk_bytes`.
Result<std::unique_ptr<TapeWriter>> begin_mcap_recording(
    const std::string& path, const TapeHeader& header,
    std::uint64_t chunk_bytes = JournaledWriter::default_chunk_bytes);

// resume_tape() for MCAP: the tape as far as its journal says, and then what the journal holds.
Result<ResumedTape> resume_mcap_recording(const std::string& path, const TapeHeader& header);

}  // namespace autotape::mcap
