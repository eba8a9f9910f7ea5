#include "verify/verdict.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"

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

std::string describe(const DuplicateDistance& distance) {
  std::string text =
      fmt::format("{} to {} deliveries and {} to {}", describe_count(distance.messages.least),
                  describe_count(distance.messages.most), describe_duration(distance.wall.least),
                  describe_duration(distance.wall.most));
  if (distance.data.count != 0) {
    text += fmt::format(" ({} to {} of data time)", describe_duration(distance.data.least),
                        describe_duration(distance.data.most));
  }
  return text;
}

Outcome Verdict::outcome() const {
  const auto any = [&](Outcome outcome) {
    return std::any_of(checks.begin(), checks.end(),
                       [&](const CheckResult& check) { return check.outcome == outcome; });
  };
  const bool nothing_judged = facts.delivered + facts.redelivered == 0;
  return any(Outcome::failed)                      ? Outcome::failed
         : any(Outcome::unknown) || nothing_judged ? Outcome::unknown
                                                   : Outcome::passed;
}

const CheckResult* Verdict::check(std::string_view name) const {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const CheckResult& check) { return check.name == name; });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace autotape
