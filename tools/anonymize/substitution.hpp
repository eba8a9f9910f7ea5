// What stands in the place of a personal value.
#pragma once

#include <cstdint>
#include <string_view>

namespace autotape {

enum class Axis : std::uint8_t { latitude, longitude };

// Each function gives what replaces `original`; valid until the next call. It is `original` itself
// (the same bytes in memory) where nothing is to be replaced, and needs no escapes in JSON where it
// is not.
class Substitution {
 public:
  virtual ~Substitution() = default;

  virtual std::string_view text(std::string_view original) = 0;
  virtual std::string_view date_time(std::string_view original) = 0;  // or text, if it is none
  virtual std::string_view number(std::string_view literal) = 0;
  virtual std::string_view coordinate(Axis axis, std::string_view literal,
                                      std::string_view vin) = 0;
};

}  // namespace autotape
