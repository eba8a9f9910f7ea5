// What came out of a run.
//
//   CHECK(verdict == autotape::api::passed);       // doctest
//   EXPECT_EQ(verdict, autotape::api::passed);     // GoogleTest
//
// Both print the whole report where it does not hold: each check, and how its first finding came
// about.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace autotape::api {

enum class Outcome {
  passed,
  failed,
  unknown,      // required, and nothing in the stream could have made it fail
  unexercised,  // the same, but nobody required it
  off,
};

inline std::ostream& operator<<(std::ostream& out, Outcome outcome) {
  constexpr const char* names[] = {"passed", "failed", "unknown", "unexercised", "off"};
  return out << names[static_cast<int>(outcome)];
}

struct Finding {
  std::string kind;        // "lost", "duplicated", "stale", …
  std::string message_id;  // empty where no message is to blame
  std::string reading;     // "VIN diagnostics.odometer[0]", where one is
  std::string text;
};

struct Check {
  std::string name;  // "completeness", "dedup", "order", "state", "latency"
  Outcome outcome = Outcome::off;
  std::string summary;
  std::uint64_t violations = 0;
  std::vector<Finding> findings;  // the first ones
};

struct Verdict {
  Outcome outcome = Outcome::unknown;
  std::vector<Check> checks;                 // of all consumers, one after the other
  std::vector<std::string> consumer_faults;  // consumers that failed as programs
  std::string report;                        // as `autotape test` prints it
  std::string folder;                        // of the run; empty if it is not kept

  // The first check of this name; nothing if there is none.
  const Check* check(const std::string& name) const {
    for (const Check& one : checks) {
      if (one.name == name) {
        return &one;
      }
    }
    return nullptr;
  }
};

struct Passed {};
inline constexpr Passed passed{};

inline bool operator==(const Verdict& verdict, Passed) {
  return verdict.outcome == Outcome::passed;
}
inline bool operator!=(const Verdict& verdict, Passed) {
  return !(verdict == passed);
}

inline std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  return out << '\n' << verdict.report;
}
inline std::ostream& operator<<(std::ostream& out, Passed) {
  return out << "a verdict that passed";
}

}  // namespace autotape::api
