// Where the tokens of a JSON text begin: simdjson's first stage, for readers that walk a text
// themselves because they need the numbers as they are written, or no values at all.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace autotape {

enum class JsonFault : std::uint8_t {
  none,
  empty,      // nothing but white space
  too_large,  // beyond max_json_text_bytes
  not_utf8,
  unclosed_string,
  control_character,  // unescaped, in a string
  internal,
};

// "is empty, not JSON", … as in the errors of JsonParser.
std::string_view reason_of(JsonFault fault);

inline constexpr std::size_t max_json_text_bytes = std::size_t{256} << 20U;

// Reuse one index for many texts. Not thread-safe.
class StructuralIndex {
 public:
  StructuralIndex();
  ~StructuralIndex();
  StructuralIndex(StructuralIndex&&) noexcept;
  StructuralIndex& operator=(StructuralIndex&&) noexcept;

  // Checks UTF-8, closed strings and control characters in strings, and nothing else.
  JsonFault index(std::string_view text);

  // Offsets of every bracket, brace, colon, comma, opening quote, and first byte of any other
  // token, outside of strings. Two more offsets behind the last may be read; both are the text's
  // size. Valid until the next index().
  std::span<const std::uint32_t> positions() const { return positions_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::span<const std::uint32_t> positions_;
};

}  // namespace autotape
