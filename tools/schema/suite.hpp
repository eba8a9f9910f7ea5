// The public JSON-Schema-Test-Suite's own file form: an array of groups, each with a schema and
// cases.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

struct SuiteCase {
  std::string_view group;
  std::string_view description;
  bool passed = false;
  std::string reason;  // of a failure
};

struct SuiteCounts {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
};

// Adds to `counts` and reports each case. `remotes` is the folder that stands for
// http://localhost:1234/, or empty. An error is a file that cannot be read or has another form; a
// schema that cannot be compiled fails its cases.
Result<void> run_suite_file(const std::string& path, const std::string& remotes,
                            SuiteCounts& counts,
                            const std::function<Result<void>(const SuiteCase&)>& report);

}  // namespace autotape
