#include "schema/violation.hpp"

#include <fmt/format.h>

namespace autotape {

std::string Violation::line() const {
  std::string text = fmt::format("{}: expected {}, found {}",
                                 instance.empty() ? "(root)" : instance, expected, found);
  if (nearest) {
    text += fmt::format(" (did you mean \"{}\"?)", *nearest);
  }
  return text;
}

}  // namespace autotape
