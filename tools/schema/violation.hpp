// What is wrong with a message or a document, and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autotape {

enum class Severity { error, warning };

inline constexpr std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

// One thing that breaks one rule. Everything that was read from outside has been cut and made safe
// for a terminal (core/text.hpp, printable()); `instance` is whole, so that programs can follow it.
struct Violation {
  Severity severity = Severity::error;
  std::string_view
      rule;  // static, kebab-case, what --ignore takes: "schema", "topic", "vin-agreement"
  std::string instance;  // JSON pointer (RFC 6901) into the payload or document; "" is the root
  std::string expected;  // what the rule asks for: `a number`, `one of "front", "rear"`
  std::string found;     // what is there instead: `"rear_left"`, `an object`, `nothing`
  std::optional<std::string> nearest;  // for an unknown name: the known one that was probably meant

  // For rules of a JSON Schema, empty otherwise.
  std::string keyword;          // "required"
  std::string schema_location;  // URI of the schema with a JSON pointer to the keyword

  // If not 0, this stands for so many further violations of its rule, all below `instance`.
  std::uint64_t unlisted = 0;

  std::uint64_t count() const { return unlisted > 0 ? unlisted : 1; }

  // "/data/…/unit: expected …, found … (did you mean "…"?)". The pointer is as it was read: pass
  // the line through printable() before it is shown.
  std::string line() const;

  bool operator==(const Violation&) const = default;
};

// Of one message or document so many of each rule are listed, so that a small one cannot fill the
// memory.
inline constexpr std::size_t most_violations = 200;

// Adds one to those of a message. All that are not listed of a rule are one entry.
void keep_violation(std::vector<Violation>& violations, Violation violation);

}  // namespace autotape
