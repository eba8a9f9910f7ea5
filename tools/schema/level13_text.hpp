// fixtures/catalogue/level13.catalogue as it was when the program was built.
#pragma once

#include <string_view>

namespace autotape {

std::string_view level13_text();

}  // namespace autotape
