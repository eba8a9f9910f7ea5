// Regular expressions of JSON Schema (ECMA-262 with the `u` flag, and Annex B's lone braces and
// escaped punctuation), searched for in linear time (RE2).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

// What a schema's `pattern` and the names of its `patternProperties` say.
//
// \d and \w are ASCII, \s is Unicode's white space, `.` stops at line ends, `$` is the end of the
// text alone, \p{…} takes general categories by their short or long name and scripts by their long
// one. No linear-time library can do lookaround and backreferences: they are refused by name, as
// are repetitions of more than 1,000 and binary properties (\p{Alphabetic}).
class Pattern {
 public:
  static Result<Pattern> compile(std::string_view ecma);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  // Anywhere in `text`, which is UTF-8.
  bool found_in(std::string_view text) const;

 private:
  struct Compiled;
  explicit Pattern(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
};

// The `regex` format: syntax alone, so lookaround and backreferences are fine.
bool is_ecma_pattern(std::string_view text);

}  // namespace autotape
