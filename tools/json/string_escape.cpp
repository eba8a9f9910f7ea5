#include "json/string_escape.hpp"

#include <optional>

namespace autotape {
namespace {

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    value <<= 4U;
    if (c >= '0' && c <= '9') {
      value += static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value += static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      value += static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

std::optional<char> short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

// What follows "\u" at the front of `rest`, which is shortened by it.
EscapeFault take_code_point(std::string_view& rest, std::uint32_t& code_point) {
  const auto first = hex4(rest);
  if (!first) {
    return EscapeFault::bad_escape;
  }
  rest.remove_prefix(4);
  code_point = *first;
  if (*first < 0xD800 || *first > 0xDFFF) {
    return EscapeFault::none;
  }
  const auto second = rest.starts_with("\\u") ? hex4(rest.substr(2)) : std::nullopt;
  if (*first > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF) {
    return EscapeFault::lone_surrogate;
  }
  rest.remove_prefix(6);
  code_point = 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00);
  return EscapeFault::none;
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

EscapeFault unescape_json_string(std::string_view raw, std::string& out) {
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    out += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) {
      break;
    }
    if (raw.size() < 2) {
      return EscapeFault::bad_escape;
    }
    const char kind = raw[1];
    raw.remove_prefix(2);
    if (kind != 'u') {
      const auto character = short_escape(kind);
      if (!character) {
        return EscapeFault::bad_escape;
      }
      out += *character;
      continue;
    }
    std::uint32_t code_point = 0;
    if (const auto fault = take_code_point(raw, code_point); fault != EscapeFault::none) {
      return fault;
    }
    append_utf8(out, code_point);
  }
  return EscapeFault::none;
}

}  // namespace autotape
