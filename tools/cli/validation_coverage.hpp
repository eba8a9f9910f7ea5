// Which properties a tape shows, how often, and with how many violations.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "profile/stream_profile.hpp"
#include "schema/violation.hpp"

namespace autotape {

class ValidationCoverage {
 public:
  void add(const Violation& violation);

  // A line for each property that was seen or violated, and how many of the catalogue's were seen.
  // As text, or as NDJSON.
  Result<void> print_all(const StreamCounts& counts, bool as_ndjson) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> violations_;  // by "capability.property"
};

}  // namespace autotape
