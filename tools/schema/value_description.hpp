// What a schema asks for and what was found instead, in words: cut, and safe for terminals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/tree.hpp"

namespace autotape {

// `"text"`, `12`, `an object of 3`.
std::string describe_value(JsonValue value);

// `"text"`.
std::string quoted(std::string_view text);

// `a number or null`, of the bits of program.hpp.
std::string describe_types(std::uint64_t type_bits);

// `one of "front", "rear"`, of the array of an enumeration.
std::string describe_choices(JsonValue choices);

}  // namespace autotape
