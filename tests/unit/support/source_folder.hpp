// Where the project lies, for tests that read its fixtures.
#pragma once

#include <string>

namespace autotape {

// In a source file of its own: the path is then part of one object, and the others can be cached.
std::string source_folder();

}  // namespace autotape
