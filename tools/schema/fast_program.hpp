// A schema of messages in the form that is judged fastest: tables for what such schemas are made
// of, and "not this" for everything else, which the evaluator then judges.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "schema/name_table.hpp"

namespace autotape {

enum class FastKind : std::uint8_t {
  other,  // only the evaluator can tell
  text,
  enumeration,
  date_time,
  timestamp,  // of a property object: a date-time, and it may be implausible
  number,
  integer,
  object,
  array,
};

// What is implausible in a number, though no schema forbids it.
enum class Plausible : std::uint8_t { anything, share, latitude, longitude };

struct FastNode {
  static constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

  FastKind kind = FastKind::other;
  Plausible plausible = Plausible::anything;
  std::uint32_t table = 0;  // of an object: into `objects`; of an enumeration: into `enumerations`
  std::uint32_t item = 0;   // of an array: into `nodes`

  // Both ends included: of an integer's value, of a text's code points, of an array's items.
  std::int64_t least = 0;
  std::int64_t most = 0;
};

struct FastMember {
  std::uint32_t node = 0;
  bool deprecated = false;
};

struct FastObject {
  static constexpr std::size_t most_members = 128;
  using MemberSet = std::array<std::uint64_t, 2>;  // a bit for each member

  NameTable names;
  std::vector<FastMember> members;
  MemberSet required{};
  std::size_t least = 0;  // members, both ends included
  std::size_t most = most_members;
};

struct FastProgram {
  std::vector<FastNode> nodes;
  std::vector<FastObject> objects;
  std::vector<NameTable> enumerations;
  std::uint32_t root = 0;  // the schema of the envelope's `data`
};

}  // namespace autotape
