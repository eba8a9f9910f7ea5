// How violations of a tape are written: for people, for programs, for continuous integration.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "schema/violation.hpp"

namespace autotape {

struct LocatedViolation {
  std::uint64_t message = 0;  // the first of a tape is 1
  std::string_view topic;
  const Violation& violation;
};

// A fact of the stream that must not be; none was found if the count is 0.
struct DeniedFact {
  std::string_view name;     // static, as in stream_facts()
  std::string_view meaning;  // static
  std::uint64_t count = 0;
};

// Writes to standard output, in constant memory.
class ViolationOutput {
 public:
  virtual ~ViolationOutput() = default;

  virtual Result<void> begin() { return {}; }
  virtual Result<void> add(const LocatedViolation& located) = 0;
  virtual Result<void> add(const DeniedFact& fact) = 0;  // after all violations
  virtual Result<void> end() { return {}; }
};

// "text", "ndjson", "junit", "sarif" or "github".
const std::vector<std::string>& violation_formats();

std::unique_ptr<ViolationOutput> make_violation_output(const std::string& format,
                                                       const std::string& tape);

}  // namespace autotape
