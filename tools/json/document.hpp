// Small JSON documents, built and read as a tree (nlohmann/json). For streams use json/parser.hpp.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/result.hpp"

namespace autotape {

// Members keep the order in which they were added, so that output is the same every time.
using Json = nlohmann::ordered_json;

// `where` names the text in errors: a file, or file:line. Depth is bounded (parser.hpp), so that
// what is returned can be walked and written by recursion.
Result<Json> parse_document(std::string_view text, const std::string& where);

// On one line. Bytes that are not UTF-8 become U+FFFD: escape or encode them first if they matter.
std::string write_document(const Json& document);

// On several lines, for people.
std::string write_document_indented(const Json& document);

}  // namespace autotape
