// What a recording has acknowledged and not yet cut into a chunk, as bytes: one frame for each
// record.
//
//   frame      length u32 · crc u32 · body            crc: CRC-32 over generation, length and body
//   body       'M' received i64 · flags u8 · topic text · payload text · properties?
//            | 'K' at i64 · kind u8 · detail text      a marker
//   text       length u32 · bytes
//
// Integers are little-endian. The generation is in the CRC, so that a frame of an earlier use of
// the file is never taken for one of this use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tape/reader.hpp"
#include "tape/tape.hpp"

namespace autotape {

void append_message_frame(std::string& out, std::uint64_t generation,
                          const RecordedMessage& message);
void append_marker_frame(std::string& out, std::uint64_t generation, const Marker& marker);

// Takes the frame at the start of `bytes` off. Nothing, and `bytes` as it was, if it is torn or
// damaged.
std::optional<TapeRecord> take_frame(std::string_view& bytes, std::uint64_t generation,
                                     RecordedMessage& message, Marker& marker);

}  // namespace autotape
