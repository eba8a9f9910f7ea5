// Reading JSON fast (simdjson's DOM).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "core/result.hpp"

namespace autotape {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

// Deeper texts are refused: whoever walks a document by recursion is then safe.
inline constexpr std::size_t max_json_depth = 256;

// Reuse one parser for many texts; its buffers grow to the largest. Not thread-safe.
class JsonParser {
 public:
  JsonParser() : parser_(max_json_bytes) {}

  // RFC 8259 in UTF-8, all of it checked. What is returned is valid until the next parse() and
  // refers to no byte of `text`. The error's `where` is empty.
  Result<JsonElement> parse(std::string_view text);

 private:
  static constexpr std::size_t max_json_bytes = std::size_t{256} << 20U;

  simdjson::dom::parser parser_;
};

// A member of an object, or nothing if it is absent or not of that kind.
std::optional<std::string_view> string_member(const JsonObject& object, std::string_view key);
std::optional<std::int64_t> integer_member(const JsonObject& object, std::string_view key);
std::optional<bool> bool_member(const JsonObject& object, std::string_view key);

}  // namespace autotape
