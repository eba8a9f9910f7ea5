// Which properties a tape shows, how often, and with how many violations.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "profile/stream_profile.hpp"
#include "schema/violation.hpp"

namespace autotape {

class ValidationCoverage {
 public:
  struct Row {
    std::string property;  // "diagnostics.odometer"
    std::uint64_t readings = 0;
    std::uint64_t violations = 0;
  };

  void add(const Violation& violation);

  // One for each property that was seen or violated, by name.
  std::vector<Row> rows(const StreamCounts& counts) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> violations_;  // by "capability.property"
};

// "12 of the catalogue's 557 properties were seen".
std::string describe_coverage(const StreamCounts& counts);

}  // namespace autotape
