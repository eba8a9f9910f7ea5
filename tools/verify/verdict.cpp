#include "verify/verdict.hpp"

#include <algorithm>

namespace autotape {

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::lost:
      return "lost";
    case FindingKind::duplicated:
      return "duplicated";
    case FindingKind::stale:
      return "stale";
    case FindingKind::reordered:
      return "reordered";
    case FindingKind::unexpected:
      return "unexpected";
    case FindingKind::corrupted:
      return "corrupted";
    case FindingKind::late:
      return "late";
  }
  return "";
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::unknown:
      return "unknown";
    case Outcome::unexercised:
      return "unexercised";
    case Outcome::off:
      return "off";
  }
  return "";
}

Outcome Verdict::outcome() const {
  const auto any = [&](Outcome outcome) {
    return std::any_of(checks.begin(), checks.end(),
                       [&](const CheckResult& check) { return check.outcome == outcome; });
  };
  return any(Outcome::failed)    ? Outcome::failed
         : any(Outcome::unknown) ? Outcome::unknown
                                 : Outcome::passed;
}

const CheckResult* Verdict::check(std::string_view name) const {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const CheckResult& check) { return check.name == name; });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace autotape
