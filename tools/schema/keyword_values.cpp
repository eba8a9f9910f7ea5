#include "schema/keyword_values.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace autotape {
namespace {

constexpr std::array<PlainKeyword, 12> plain_keywords = {{
    {"type", Keyword::type, PlainKeyword::Takes::types},
    {"minimum", Keyword::minimum, PlainKeyword::Takes::limit},
    {"exclusiveMinimum", Keyword::exclusive_minimum, PlainKeyword::Takes::limit},
    {"maximum", Keyword::maximum, PlainKeyword::Takes::limit},
    {"exclusiveMaximum", Keyword::exclusive_maximum, PlainKeyword::Takes::limit},
    {"multipleOf", Keyword::multiple_of, PlainKeyword::Takes::divisor},
    {"minLength", Keyword::min_length, PlainKeyword::Takes::count},
    {"maxLength", Keyword::max_length, PlainKeyword::Takes::count},
    {"minItems", Keyword::min_items, PlainKeyword::Takes::count},
    {"maxItems", Keyword::max_items, PlainKeyword::Takes::count},
    {"minProperties", Keyword::min_properties, PlainKeyword::Takes::count},
    {"maxProperties", Keyword::max_properties, PlainKeyword::Takes::count},
}};

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 7> type_names = {{
    {"null", type_null},
    {"boolean", type_boolean},
    {"number", type_number | type_integer},
    {"integer", type_integer},
    {"string", type_string},
    {"array", type_array},
    {"object", type_object},
}};

std::optional<std::uint32_t> type_named(JsonValue name) {
  const auto* const known = std::find_if(
      type_names.begin(), type_names.end(),
      [&](const auto& entry) { return name.is(JsonKind::string) && entry.first == name.text(); });
  return known == type_names.end() ? std::nullopt : std::optional(known->second);
}

}  // namespace

const PlainKeyword* find_plain_keyword(std::string_view name) {
  const auto* const known =
      std::find_if(plain_keywords.begin(), plain_keywords.end(),
                   [&](const PlainKeyword& keyword) { return keyword.name == name; });
  return known == plain_keywords.end() ? nullptr : known;
}

std::string_view what_it_takes(PlainKeyword::Takes takes) {
  switch (takes) {
    case PlainKeyword::Takes::types:
      return "one of JSON Schema's seven types, or an array of them";
    case PlainKeyword::Takes::count:
      return "a whole number of at least 0";
    case PlainKeyword::Takes::limit:
      return "a number";
    case PlainKeyword::Takes::divisor:
      return "a number above 0 with at most 37 significant digits";
  }
  return {};
}

std::optional<std::uint64_t> read_type_bits(JsonValue value) {
  if (!value.is(JsonKind::array)) {
    return type_named(value);
  }
  std::uint64_t bits = 0;
  for (JsonValue name = value.first(); name != value.end(); name = name.next()) {
    const auto bit = type_named(name);
    if (!bit) {
      return std::nullopt;
    }
    bits |= *bit;
  }
  return bits != 0 ? std::optional(bits) : std::nullopt;
}

std::optional<std::uint64_t> read_count(JsonValue value) {
  if (!value.is(JsonKind::number) || value.number() < 0 || !Decimal(value.text()).is_integer()) {
    return std::nullopt;
  }
  // Nothing has more items, members or characters than this.
  constexpr double most = 1e15;
  return static_cast<std::uint64_t>(std::min(value.number(), most));
}

std::optional<Limit> read_limit(JsonValue value) {
  if (!value.is(JsonKind::number)) {
    return std::nullopt;
  }
  return Limit{Decimal(value.text()), value.number(), std::string(value.text())};
}

std::optional<Limit> read_divisor(JsonValue value) {
  auto limit = read_limit(value);
  return limit && limit->exact.is_multiple_of(limit->exact) ? std::move(limit) : std::nullopt;
}

std::optional<std::vector<std::string_view>> read_names(JsonValue value) {
  if (!value.is(JsonKind::array)) {
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  for (JsonValue name = value.first(); name != value.end(); name = name.next()) {
    if (!name.is(JsonKind::string)) {
      return std::nullopt;
    }
    names.push_back(name.text());
  }
  return names;
}

std::uint64_t read_content_bits(JsonValue schema) {
  const auto says = [&](std::string_view keyword, std::string_view text) {
    const auto value = schema.member(keyword);
    return value && value->is(JsonKind::string) && value->text() == text;
  };
  const std::uint64_t bits = (says("contentEncoding", "base64") ? content_base64 : 0U) |
                             (says("contentMediaType", "application/json") ? content_json : 0U);
  // Text in another encoding is not looked into.
  return bits == content_json && schema.member("contentEncoding") ? 0 : bits;
}

}  // namespace autotape
