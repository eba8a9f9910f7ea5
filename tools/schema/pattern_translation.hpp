// From ECMA-262's regular expressions to RE2's.
#pragma once

#include <string>
#include <string_view>

namespace autotape {

struct PatternTranslation {
  std::string re2;
  std::string unsupported;   // what RE2 cannot do: "lookahead"; `re2` is then useless
  std::string syntax_error;  // what ECMA-262 does not allow; `re2` is then useless
};

PatternTranslation translate_pattern(std::string_view ecma);

}  // namespace autotape
