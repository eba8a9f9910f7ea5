// Finding and replacing members in the text of a JSON payload, without touching the other bytes.
//
// For payloads that are sound or were broken on purpose: what cannot be found is not changed, and
// nothing here fails.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace autotape {

// A member whose value is a string. Both as they stand in the text, escapes unresolved, without
// quotes.
struct StringMember {
  std::string_view key;
  std::string_view value;
  std::size_t depth = 0;  // 1: a member of the outermost object
};

// The string members of a JSON text, front to back, at any depth.
class StringMembers {
 public:
  explicit StringMembers(std::string_view text) : text_(text) {}

  std::optional<StringMember> next();

 private:
  std::optional<std::string_view> take_string();
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

std::optional<std::string_view> find_top_level_string(std::string_view text, std::string_view key);

// The text with another value for this member; as it was if there is none. `value` must need no
// escapes.
std::string with_top_level_string(std::string_view text, std::string_view key,
                                  std::string_view value);

// Each member "timestamp" that is a date-time moves by what `shift` says for it; its number of
// fractional digits stays.
std::string with_shifted_timestamps(std::string_view text,
                                    const std::function<Duration(DataTime)>& shift);

}  // namespace autotape
