#include "json/document.hpp"

#include "json/parser.hpp"

namespace autotape {
namespace {

constexpr auto replace_broken_utf8 = Json::error_handler_t::replace;

}  // namespace

Result<Json> parse_document(std::string_view text, const std::string& where) {
  // simdjson judges depth and syntax first: nlohmann would follow any depth.
  JsonParser parser;
  if (const auto checked = parser.parse(text); !checked) {
    return file_error(where, checked.error().what, checked.error().advice);
  }
  Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) {
    return file_error(where, "is not JSON");
  }
  return document;
}

std::string write_document(const Json& document) {
  return document.dump(-1, ' ', false, replace_broken_utf8);
}

std::string write_document_indented(const Json& document) {
  return document.dump(2, ' ', false, replace_broken_utf8) + "\n";
}

}  // namespace autotape
