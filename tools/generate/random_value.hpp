// Values of the catalogue's types, drawn at random.
#pragma once

#include <string>
#include <string_view>

#include "core/random.hpp"
#include "core/time.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

// A valid value that a person would believe, as JSON. `member` is the name of the object's member
// that it stands for, if it does: a latitude is no longitude. Date-times are before `now`.
void append_random_value(const ValueType& type, std::string_view member, DataTime now,
                         Random& random, std::string& out);

}  // namespace autotape
