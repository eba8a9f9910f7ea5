// What stands behind the keywords of a schema that hold no schemas themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "json/tree.hpp"
#include "schema/program.hpp"

namespace autotape {

// A keyword with a limit, a count or types.
struct PlainKeyword {
  enum class Takes : std::uint8_t { limit, divisor, count, types };

  std::string_view name;
  Keyword keyword;
  Takes takes;
};

const PlainKeyword* find_plain_keyword(std::string_view name);  // null if it is none of these
std::string_view what_it_takes(PlainKeyword::Takes takes);      // "a number"

// Nothing where `value` is not what the keyword takes.
std::optional<std::uint64_t> read_type_bits(JsonValue value);  // a type's name, or several
std::optional<std::uint64_t> read_count(JsonValue value);      // of items, members, characters
std::optional<Limit> read_limit(JsonValue value);
std::optional<Limit> read_divisor(JsonValue value);
std::optional<std::vector<std::string_view>> read_names(JsonValue value);

// Of contentEncoding and contentMediaType; 0 where there is nothing that can be looked into.
std::uint64_t read_content_bits(JsonValue schema);

}  // namespace autotape
