#include "schema/program.hpp"

#include <array>

namespace autotape {

std::string_view name_of(Keyword keyword) {
  constexpr std::array<std::string_view, 30> names = {"type",
                                                      "const",
                                                      "enum",
                                                      "minimum",
                                                      "exclusiveMinimum",
                                                      "maximum",
                                                      "exclusiveMaximum",
                                                      "multipleOf",
                                                      "minLength",
                                                      "maxLength",
                                                      "pattern",
                                                      "format",
                                                      "minItems",
                                                      "maxItems",
                                                      "uniqueItems",
                                                      "contains",
                                                      "items",
                                                      "minProperties",
                                                      "maxProperties",
                                                      "required",
                                                      "properties",
                                                      "propertyNames",
                                                      "dependencies",
                                                      "dependentRequired",
                                                      "allOf",
                                                      "anyOf",
                                                      "oneOf",
                                                      "not",
                                                      "if",
                                                      "contentMediaType"};
  return names[static_cast<std::size_t>(keyword)];
}

}  // namespace autotape
