// Has a tape been anonymised? For whoever is about to give it away.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

// What is raw about a tape, for a person: "its header says that it is raw". Nothing if nothing is.
//
// A tape whose header says that it is synthetic is taken at its word. Of one that is anonymised
// each record is looked at: every text in it that would have been replaced has the form of a
// pseudonym. Whether a VIN is a pseudonym cannot be seen, nor whether a time was moved; the
// description is what its owner says of the tape, and is not looked at. `go_on` is asked before
// each record: false stops, as if the tape ended there.
Result<std::optional<std::string>> find_raw(
    TapeReader& tape, const std::function<bool()>& go_on = [] { return true; });

}  // namespace autotape
