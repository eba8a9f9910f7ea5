// Makes fast programs.
#pragma once

#include "message/topic.hpp"
#include "schema/catalogue.hpp"
#include "schema/fast_program.hpp"
#include "schema/program.hpp"

namespace autotape {

// Of a schema of `data`. Never fails: what is not understood becomes FastKind::other. The catalogue
// tells which numbers are shares and degrees and which properties are deprecated; schemas do not.
FastProgram compile_fast(const Program& program, const Catalogue& catalogue);

// Of what the catalogue says of `data`: the same as of json_schema(), in a tenth of the time.
FastProgram compile_fast(const Catalogue& catalogue, StreamVersion version);

}  // namespace autotape
