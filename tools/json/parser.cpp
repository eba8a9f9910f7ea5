#include "json/parser.hpp"

#include <fmt/format.h>

namespace autotape {
namespace {

std::string reason(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return "is empty, not JSON";
    case simdjson::CAPACITY:
      return "is too large to be parsed as JSON";
    case simdjson::DEPTH_ERROR:
      return fmt::format("is JSON nested deeper than {} levels", max_json_depth);
    case simdjson::UTF8_ERROR:
      return "is not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "is not JSON: a string is not closed";
    case simdjson::STRING_ERROR:
      return "is not JSON: a string has a bad escape or a control character";
    case simdjson::UNESCAPED_CHARS:
      return "is not JSON: a string has a control character";
    case simdjson::NUMBER_ERROR:
      return "is not JSON: a number is malformed or out of range";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "is not JSON: true, false or null is misspelt";
    default:
      return "is not JSON";
  }
}

}  // namespace

Result<JsonElement> JsonParser::parse(std::string_view text) {
  if (parser_.max_depth() != max_json_depth || parser_.capacity() < text.size()) {
    if (text.size() > parser_.max_capacity()) {
      return file_error({}, reason(simdjson::CAPACITY));
    }
    if (const auto code =
            parser_.allocate(std::max<std::size_t>(text.size(), 4096), max_json_depth)) {
      return internal_error(simdjson::error_message(code));
    }
  }
  JsonElement root;
  if (const auto code = parser_.parse(text.data(), text.size()).get(root)) {
    return file_error({}, reason(code));
  }
  return root;
}

std::optional<std::string_view> string_member(const JsonObject& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> integer_member(const JsonObject& object, std::string_view key) {
  std::int64_t value = 0;
  return object[key].get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

std::optional<bool> bool_member(const JsonObject& object, std::string_view key) {
  bool value = false;
  return object[key].get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

}  // namespace autotape
