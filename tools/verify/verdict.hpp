// What came out: for each check whether it held, and what broke it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "verify/fingerprint.hpp"

namespace autotape {

enum class FindingKind {
  lost,        // delivered and never handled; a key of the state that is missing
  duplicated,  // handled more often than it should be
  stale,       // the state holds an older reading than it should
  reordered,   // an older reading was applied after a newer one
  unexpected,  // handled or applied although it was never delivered
  corrupted,   // applied although it is invalid, or with a value that no message carries
  late,        // handled after the bound
};
std::string_view name_of(FindingKind kind);

// One thing that breaks one check. What was read from outside is as it was read: pass it through
// printable() before it is shown.
struct Finding {
  FindingKind kind = FindingKind::lost;
  std::string message_id;  // empty where no message is to blame, or only `message` is known
  std::optional<Fingerprint> message;  // of the id: whoever has the plan can find it
  std::string reading;                 // "VIN diagnostics.odometer[0]", where one is to blame
  std::uint64_t observation = 0;       // number of the line, from 1; 0 where there is none
  std::string text;                    // one sentence for a person, without the id
};

enum class Outcome {
  passed,
  failed,
  unknown,      // required, and nothing in the stream could have made it fail
  unexercised,  // the same, but nobody required it
  off,
};
std::string_view name_of(Outcome outcome);

struct CheckResult {
  std::string name;  // "completeness", "dedup", …
  Outcome outcome = Outcome::off;
  std::string summary;  // one line: what was judged, or why it is unknown
  std::uint64_t violations = 0;
  std::vector<Finding> findings;  // the first ones, in order
};

template <typename Amount>
struct Spread {
  Amount least{};
  Amount most{};
  std::uint64_t count = 0;

  void add(Amount amount) {
    least = count == 0 || amount < least ? amount : least;
    most = count == 0 || amount > most ? amount : most;
    ++count;
  }
};

// How far a duplicate lay behind the first delivery of its message.
struct DuplicateDistance {
  Spread<std::uint64_t> messages;  // deliveries from the one to the other
  Spread<Duration> wall;           // as the consumer's clock saw it
  Spread<Duration> data;           // in the time of the stream, by the plan; not of redeliveries
};

// "1 to 40 deliveries, 100 ms to 2.5 s (6 s to 2 min 30 s of data time)".
std::string describe(const DuplicateDistance& distance);

struct StreamFacts {
  std::uint64_t planned = 0;        // deliveries of the plan
  std::uint64_t unplanned = 0;      // messages that were delivered and that no plan has
  std::uint64_t messages = 0;       // distinct ids that were delivered
  std::uint64_t delivered = 0;      // without redeliveries
  std::uint64_t redelivered = 0;    // with DUP, by the broker
  std::uint64_t duplicates = 0;     // deliveries of a message that was delivered before
  std::uint64_t late_readings = 0;  // older than one of the same key that was delivered before
  std::uint64_t invalid = 0;        // deliveries that a consumer must not apply
  std::uint64_t without_id = 0;     // deliveries whose message_id cannot be read
  std::uint64_t handled = 0;        // handlings that were observed
  std::uint64_t rejected = 0;       // rejections that were observed
  std::uint64_t applied_readings = 0;
  std::uint64_t state_lines = 0;
  std::uint64_t unreadable_lines = 0;  // observations that cannot be read, or not wholly
  std::string first_unreadable;        // and why
  DuplicateDistance distance;
};

struct Verdict {
  std::string party;  // "consumer", "consumer 2", "all consumers"
  StreamFacts facts;
  std::vector<CheckResult> checks;

  // failed before unknown before passed; unknown, too, if nothing was delivered.
  Outcome outcome() const;
  const CheckResult* check(std::string_view name) const;
};

}  // namespace autotape
