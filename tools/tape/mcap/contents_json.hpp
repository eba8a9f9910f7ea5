// What is on a closed tape, as the attachment "contents.json" at its end says it: the header and
// the counts, so that `info` need not read more.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "tape/contents.hpp"
#include "tape/tape.hpp"

namespace autotape::mcap {

inline constexpr std::string_view contents_attachment = "contents.json";

std::string write_contents(const TapeHeader& header, const TapeContents& contents);
Result<void> read_contents(std::string_view json, TapeHeader& header, TapeContents& contents);

}  // namespace autotape::mcap
