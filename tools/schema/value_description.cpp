#include "schema/value_description.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/text.hpp"
#include "schema/program.hpp"

namespace autotape {

std::string describe_value(JsonValue value) {
  switch (value.kind()) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return value.boolean() ? "true" : "false";
    case JsonKind::number:
      return printable(value.text());
    case JsonKind::string:
      return quoted(value.text());
    case JsonKind::array:
      return fmt::format("an array of {}", value.size());
    case JsonKind::object:
      return fmt::format("an object of {}", value.size());
  }
  return {};
}

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", printable(text));
}

std::string describe_types(std::uint64_t bits) {
  constexpr std::array<std::pair<std::uint32_t, std::string_view>, 7> words = {{
      {type_number, "a number"},
      {type_integer, "an integer"},
      {type_string, "a string"},
      {type_boolean, "a boolean"},
      {type_object, "an object"},
      {type_array, "an array"},
      {type_null, "null"},
  }};
  std::string text;
  for (const auto& [bit, word] : words) {
    const bool covered = bit == type_integer && (bits & type_number) != 0;
    if ((bits & bit) != 0 && !covered) {
      (text += text.empty() ? "" : " or ") += word;
    }
  }
  return text;
}

std::string describe_choices(JsonValue choices) {
  if (choices.size() == 0) {
    return "nothing here";
  }
  constexpr std::size_t most_shown = 12;
  std::string text = choices.size() == 1 ? "" : "one of ";
  std::size_t shown = 0;
  for (JsonValue choice = choices.first(); choice != choices.end(); choice = choice.next()) {
    if (shown++ == most_shown) {
      return text + fmt::format(", … ({} in all)", choices.size());
    }
    (text += shown > 1 ? ", " : "") += describe_value(choice);
  }
  return text;
}

}  // namespace autotape
