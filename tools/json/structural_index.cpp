#include "json/structural_index.hpp"

#include <algorithm>

#include <simdjson.h>

namespace autotape {

// The library marks its two stages as internal, but their interface is public and virtual: stage 1
// runs the vector code of the machine, stage 2 would build the tape that we do not need.
struct StructuralIndex::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

namespace {

JsonFault fault_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::SUCCESS:
      return JsonFault::none;
    case simdjson::EMPTY:
      return JsonFault::empty;
    case simdjson::CAPACITY:
      return JsonFault::too_large;
    case simdjson::UTF8_ERROR:
      return JsonFault::not_utf8;
    case simdjson::UNCLOSED_STRING:
      return JsonFault::unclosed_string;
    case simdjson::UNESCAPED_CHARS:
      return JsonFault::control_character;
    default:
      return JsonFault::internal;
  }
}

simdjson::error_code reserve(std::unique_ptr<simdjson::internal::dom_parser_implementation>& parser,
                             std::size_t bytes) {
  if (parser && parser->capacity() >= bytes) {
    return simdjson::SUCCESS;
  }
  const std::size_t capacity = std::max<std::size_t>(bytes + bytes / 2, 4096);
  constexpr std::size_t unused_depth = 1;  // of stage 2
  if (parser) {
    return parser->allocate(capacity, unused_depth);
  }
  return simdjson::get_active_implementation()->create_dom_parser_implementation(
      capacity, unused_depth, parser);
}

}  // namespace

std::string_view reason_of(JsonFault fault) {
  switch (fault) {
    case JsonFault::none:
      return "is JSON";
    case JsonFault::empty:
      return "is empty, not JSON";
    case JsonFault::too_large:
      return "is too large to be parsed as JSON";
    case JsonFault::not_utf8:
      return "is not valid UTF-8";
    case JsonFault::unclosed_string:
      return "is not JSON: a string is not closed";
    case JsonFault::control_character:
      return "is not JSON: a string has a control character";
    case JsonFault::internal:
      break;
  }
  return "cannot be parsed: out of memory";
}

StructuralIndex::StructuralIndex() : state_(std::make_unique<State>()) {}
StructuralIndex::~StructuralIndex() = default;
StructuralIndex::StructuralIndex(StructuralIndex&&) noexcept = default;
StructuralIndex& StructuralIndex::operator=(StructuralIndex&&) noexcept = default;

JsonFault StructuralIndex::index(std::string_view text) {
  positions_ = {};
  if (text.empty()) {
    return JsonFault::empty;
  }
  if (text.size() > max_json_text_bytes) {
    return JsonFault::too_large;
  }
  if (const auto code = reserve(state_->parser, text.size())) {
    return fault_of(code);
  }
  const auto code = state_->parser->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                           text.size(), simdjson::stage1_mode::regular);
  if (code == simdjson::SUCCESS) {
    positions_ = {state_->parser->structural_indexes.get(), state_->parser->n_structural_indexes};
  }
  return fault_of(code);
}

}  // namespace autotape
