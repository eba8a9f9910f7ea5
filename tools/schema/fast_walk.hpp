// Judges the value at a token by a fast program.
#pragma once

#include <cstdint>
#include <string_view>

#include "schema/fast_program.hpp"

namespace autotape {

// The digits YYYYMMDDhhmm of a date-time as one number, with its offset left out.
using PackedMinute = std::uint64_t;

// From these minutes on only a slower look tells whether a time is too late.
struct DoubtfulFrom {
  PackedMinute in_utc = 0;
  PackedMinute elsewhere = 0;  // a day before: no offset is longer
};

class FastWalk {
 public:
  // `text` is followed by at least 64 bytes that may be read and two tokens that stand at its end.
  FastWalk(const FastProgram& program, const char* text, DoubtfulFrom late)
      : program_(program), text_(text), late_(late) {}

  // A token is a pointer into the structural positions.
  using Token = const std::uint32_t*;

  // The token behind the value at `token`, or null if only a slower look can tell.
  Token value(std::uint32_t node, Token token);

  bool warned() const { return warned_; }
  void warn() { warned_ = true; }

  char at(Token token) const { return text_[*token]; }

  // Is the token `length` bytes long, if it is no string?
  bool ends_at(Token token, std::size_t length) const {
    const char* const end = text_ + *token + length;
    return end == text_ + token[1] || *end == ' ' || *end == '\n' || *end == '\r' || *end == '\t';
  }

  // What stands between the quotes of the string at `token`.
  std::string_view raw_string(Token token) const {
    const char* const first = text_ + *token + 1;
    const char* last = text_ + token[1] - 1;
    while (*last != '"') {  // white space behind the closing quote, which is always there
      --last;
    }
    return {first, static_cast<std::size_t>(last - first)};
  }

 private:
  Token object(const FastObject& object, Token token);
  Token array(const FastNode& node, Token token);
  bool text(const FastNode& node, Token token) const;
  bool number(const FastNode& node, Token token);
  bool integer(const FastNode& node, Token token) const;
  bool date_time(FastKind kind, Token token);

  const FastProgram& program_;
  const char* text_;
  DoubtfulFrom late_;
  unsigned depth_ = 0;
  bool warned_ = false;
};

}  // namespace autotape
