#include "tests/unit/support/source_folder.hpp"

namespace autotape {

std::string source_folder() {
  return AUTOTAPE_SOURCE_DIR;
}

}  // namespace autotape
