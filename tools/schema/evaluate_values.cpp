// What keywords ask of a single value: of any, of numbers, of texts.
#include <algorithm>
#include <compare>
#include <optional>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/text.hpp"
#include "schema/evaluator.hpp"
#include "schema/value_description.hpp"

namespace autotape {
namespace {

std::uint32_t type_bits(JsonValue value) {
  switch (value.kind()) {
    case JsonKind::null:
      return type_null;
    case JsonKind::boolean:
      return type_boolean;
    case JsonKind::number:
      return Decimal(value.text()).is_integer() ? type_number | type_integer : type_number;
    case JsonKind::string:
      return type_string;
    case JsonKind::array:
      return type_array;
    case JsonKind::object:
      return type_object;
  }
  return 0;
}

// Code points of UTF-8: all bytes that do not continue one.
std::uint64_t code_points(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::strong_ordering compare(JsonValue value, const Limit& limit) {
  if (value.number() < limit.rounded) {
    return std::strong_ordering::less;
  }
  if (value.number() > limit.rounded) {
    return std::strong_ordering::greater;
  }
  return Decimal(value.text()) <=> limit.exact;
}

}  // namespace

bool Evaluator::judge_type(const SchemaNode& node, std::uint64_t bits, JsonValue instance) {
  return (type_bits(instance) & bits) != 0 ||
         fail(node, Keyword::type, describe_types(bits), instance);
}

bool Evaluator::judge_constant(const SchemaNode& node, JsonValue expected, JsonValue instance) {
  return json_equal(expected, instance) ||
         fail(node, Keyword::constant, describe_value(expected), instance);
}

bool Evaluator::judge_enumeration(const SchemaNode& node, JsonValue choices, JsonValue instance) {
  std::vector<std::string_view> names;
  for (JsonValue choice = choices.first(); choice != choices.end(); choice = choice.next()) {
    if (json_equal(choice, instance)) {
      return true;
    }
    if (collecting() && choice.is(JsonKind::string)) {
      names.push_back(choice.text());
    }
  }
  if (collecting()) {
    fail(node, name_of(Keyword::enumeration), describe_choices(choices), describe_value(instance),
         instance.is(JsonKind::string) ? nearest_name(instance.text(), names) : std::nullopt);
  }
  return false;
}

bool Evaluator::judge_number(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const auto against = [&](std::string_view words, auto holds) {
    const Limit& limit = program_.limits[instruction.operand];
    return holds(compare(instance, limit)) ||
           fail(node, instruction.keyword, fmt::format("{} {}", words, limit.literal), instance);
  };
  switch (instruction.keyword) {
    case Keyword::minimum:
      return against("at least", [](auto order) { return order >= 0; });
    case Keyword::exclusive_minimum:
      return against("more than", [](auto order) { return order > 0; });
    case Keyword::maximum:
      return against("at most", [](auto order) { return order <= 0; });
    case Keyword::exclusive_maximum:
      return against("less than", [](auto order) { return order < 0; });
    case Keyword::multiple_of: {
      const Limit& limit = program_.limits[instruction.operand];
      return Decimal(instance.text()).is_multiple_of(limit.exact) ||
             fail(node, instruction.keyword, fmt::format("a multiple of {}", limit.literal),
                  instance);
    }
    default:
      return true;
  }
}

bool Evaluator::judge_string(const SchemaNode& node, Instruction instruction, JsonValue instance) {
  const std::uint64_t operand = instruction.operand;
  switch (instruction.keyword) {
    case Keyword::min_length:
      return code_points(instance.text()) >= operand ||
             fail(node, instruction.keyword, fmt::format("at least {} characters", operand),
                  instance);
    case Keyword::max_length:
      return code_points(instance.text()) <= operand ||
             fail(node, instruction.keyword, fmt::format("at most {} characters", operand),
                  instance);
    case Keyword::pattern: {
      const NamedPattern& named = program_.patterns[operand];
      return named.pattern.found_in(instance.text()) ||
             fail(node, instruction.keyword,
                  fmt::format("text with the pattern \"{}\"", printable(named.text)), instance);
    }
    case Keyword::format: {
      const FormatRule& rule = program_.formats[operand];
      return rule.check(instance.text()) ||
             fail(node, instruction.keyword, fmt::format("text of format {}", rule.name), instance);
    }
    case Keyword::content:
      return judge_content(node, operand, instance);
    default:
      return true;
  }
}

// What a text holds: bytes in base64, JSON, or both.
bool Evaluator::judge_content(const SchemaNode& node, std::uint64_t bits, JsonValue instance) {
  std::string_view text = instance.text();
  std::optional<std::string> decoded;
  if ((bits & content_base64) != 0) {
    decoded = decode_base64(text);
    if (!decoded) {
      return fail(node, "contentEncoding", "bytes as text in base64", describe_value(instance));
    }
    text = *decoded;
  }
  return (bits & content_json) == 0 || JsonTree::parse(text, "").ok() ||
         fail(node, "contentMediaType", decoded ? "JSON as text in base64" : "JSON as text",
              describe_value(instance));
}

}  // namespace autotape
