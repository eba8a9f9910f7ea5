#include "json/canonical.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "json/write.hpp"

namespace autotape {
namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53

void append_double(std::string& out, double number) {
  if (std::trunc(number) == number && std::abs(number) <= exact_integers) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(number));
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
}

void append_array(std::string& out, JsonArray array) {
  out += '[';
  const char* separator = "";
  for (const JsonElement item : array) {
    out += std::exchange(separator, ",");
    append_canonical_json(out, item);
  }
  out += ']';
}

void append_object(std::string& out, JsonObject object) {
  std::vector<std::pair<std::string_view, JsonElement>> members;
  for (const auto [name, value] : object) {
    members.emplace_back(name, value);
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  out += '{';
  const char* separator = "";
  for (const auto& [name, value] : members) {
    out += std::exchange(separator, ",");
    append_json_string(out, name);
    out += ':';
    append_canonical_json(out, value);
  }
  out += '}';
}

}  // namespace

// By recursion: the parser bounds the depth.
void append_canonical_json(std::string& out, JsonElement value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return append_array(out, value.get_array().value_unsafe());
    case simdjson::dom::element_type::OBJECT:
      return append_object(out, value.get_object().value_unsafe());
    case simdjson::dom::element_type::INT64:
      fmt::format_to(std::back_inserter(out), "{}", value.get_int64().value_unsafe());
      return;
    case simdjson::dom::element_type::UINT64:
      fmt::format_to(std::back_inserter(out), "{}", value.get_uint64().value_unsafe());
      return;
    case simdjson::dom::element_type::DOUBLE:
      return append_double(out, value.get_double().value_unsafe());
    case simdjson::dom::element_type::STRING:
      return append_json_string(out, value.get_string().value_unsafe());
    case simdjson::dom::element_type::BOOL:
      out += value.get_bool().value_unsafe() ? "true" : "false";
      return;
    case simdjson::dom::element_type::NULL_VALUE:
      out += "null";
      return;
  }
}

}  // namespace autotape
