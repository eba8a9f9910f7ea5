#include "schema/uri.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace autotape {
namespace {

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 3986 section 3: the five parts of any text, well formed or not. Absent is not the same as
// empty.
struct UriParts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

UriParts split(std::string_view text) {
  UriParts parts;
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    parts.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon < text.find('/')) {
    parts.scheme = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    parts.authority = text.substr(0, text.find('/'));
    text.remove_prefix(parts.authority->size());
  }
  parts.path = text;
  return parts;
}

constexpr std::string_view unreserved_and_delimiters = "-._~!$&'()*+,;=";  // no letters, digits

enum class Alphabet { ascii, international };

// Unreserved characters, sub-delimiters, those of `more`, and percent-encodings.
bool only_allowed(std::string_view text, std::string_view more, Alphabet alphabet) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
        return false;
      }
      i += 2;
      continue;
    }
    const bool beyond_ascii = static_cast<unsigned char>(c) >= 0x80;
    if (beyond_ascii ? alphabet == Alphabet::ascii
                     : !is_alpha(c) && !is_digit(c) &&
                           unreserved_and_delimiters.find(c) == std::string_view::npos &&
                           more.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

// "vF.…": RFC 3986 section 3.2.2.
bool is_ip_future(std::string_view text) {
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && dot >= 2 && (text[0] == 'v' || text[0] == 'V') &&
         std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(dot), is_hex) &&
         dot + 1 < text.size() && text.find('%') == std::string_view::npos &&
         only_allowed(text.substr(dot + 1), ":", Alphabet::ascii);
}

bool is_authority(std::string_view text, Alphabet alphabet) {
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    if (!only_allowed(text.substr(0, at), ":", alphabet)) {
      return false;
    }
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t closing = text.find(']');
    if (closing == std::string_view::npos) {
      return false;
    }
    const std::string_view address = text.substr(1, closing - 1);
    if (!is_ipv6(address) && !is_ip_future(address)) {
      return false;
    }
    port = text.substr(closing + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!only_allowed(text.substr(0, colon), "", alphabet)) {
      return false;
    }
    port = text.substr(colon);
  }
  return port.empty() || (port[0] == ':' && std::all_of(port.begin() + 1, port.end(), is_digit));
}

enum class SchemeRule { required, optional };

bool is_reference(std::string_view text, SchemeRule rule, Alphabet alphabet) {
  const UriParts parts = split(text);
  if (parts.scheme ? !is_scheme(*parts.scheme) : rule == SchemeRule::required) {
    return false;
  }
  return (!parts.authority || is_authority(*parts.authority, alphabet)) &&
         only_allowed(parts.path, ":@/", alphabet) &&
         only_allowed(parts.query.value_or(""), ":@/?", alphabet) &&
         only_allowed(parts.fragment.value_or(""), ":@/?", alphabet);
}

// RFC 3986 section 5.2.4.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./")) {
      path.remove_prefix(2);
    } else if (path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path == "/.." ? std::string_view("/") : path.substr(3);
      out.erase(std::min(out.rfind('/'), out.size()));
    } else if (path == "." || path == "..") {
      path = {};
    } else {
      const std::size_t end = std::min(path.find('/', 1), path.size());
      out += path.substr(0, end);
      path.remove_prefix(end);
    }
  }
  return out;
}

// RFC 3986 section 5.2.3.
std::string merge_paths(const UriParts& base, std::string_view path) {
  if (base.authority && base.path.empty()) {
    return "/" + std::string(path);
  }
  const std::size_t slash = base.path.rfind('/');
  const std::size_t kept = slash == std::string_view::npos ? 0 : slash + 1;
  return std::string(base.path.substr(0, kept)) + std::string(path);
}

}  // namespace

bool is_uri(std::string_view text) {
  return is_reference(text, SchemeRule::required, Alphabet::ascii);
}
bool is_uri_reference(std::string_view text) {
  return is_reference(text, SchemeRule::optional, Alphabet::ascii);
}
bool is_iri(std::string_view text) {
  return is_reference(text, SchemeRule::required, Alphabet::international);
}
bool is_iri_reference(std::string_view text) {
  return is_reference(text, SchemeRule::optional, Alphabet::international);
}

bool is_ipv4(std::string_view text) {
  for (int octet = 0; octet < 4; ++octet) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view digits = text.substr(0, end);
    int value = 0;
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0') ||
        !std::all_of(digits.begin(), digits.end(), is_digit)) {
      return false;
    }
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (value > 255 || (end == text.size()) != (octet == 3)) {
      return false;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool compressed = false;
  if (text.starts_with("::")) {
    compressed = true;
    text.remove_prefix(2);
    if (text.empty()) {
      return true;
    }
  }
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      groups += 2;
      return is_ipv4(group) && (compressed ? groups < 8 : groups == 8);
    }
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hex)) {
      return false;
    }
    ++groups;
    if (colon == std::string_view::npos) {
      return compressed ? groups < 8 : groups == 8;
    }
    text.remove_prefix(colon + 1);
    if (text.starts_with(':')) {
      if (compressed) {
        return false;
      }
      compressed = true;
      text.remove_prefix(1);
      if (text.empty()) {
        return groups < 8;
      }
    }
  }
}

std::string resolve_uri(std::string_view base_text, std::string_view reference_text) {
  const UriParts base = split(base_text);
  const UriParts reference = split(reference_text);
  UriParts target = reference;
  std::string path;
  if (reference.scheme || reference.authority) {
    path = remove_dot_segments(reference.path);
  } else if (reference.path.empty()) {
    path = base.path;
    target.query = reference.query ? reference.query : base.query;
  } else {
    path = remove_dot_segments(reference.path.starts_with('/') ? std::string(reference.path)
                                                               : merge_paths(base, reference.path));
  }
  if (!reference.scheme) {
    target.scheme = base.scheme;
    if (!reference.authority) {
      target.authority = base.authority;
    }
  }

  std::string text;
  if (target.scheme) {
    (text += *target.scheme) += ':';
  }
  if (target.authority) {
    (text += "//") += *target.authority;
  }
  text += percent_encode(path, ":@/%");
  if (target.query) {
    (text += '?') += *target.query;
  }
  if (target.fragment) {
    (text += '#') += *target.fragment;
  }
  return text;
}

SplitUri split_fragment(std::string_view uri) {
  const std::size_t hash = uri.find('#');
  return hash == std::string_view::npos ? SplitUri{uri, {}}
                                        : SplitUri{uri.substr(0, hash), uri.substr(hash + 1)};
}

std::string percent_encode(std::string_view text, std::string_view more) {
  std::string encoded;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || unreserved_and_delimiters.find(c) != std::string_view::npos ||
        more.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string encode_fragment(std::string_view text) {
  return percent_encode(text, ":@/?");
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
      return std::nullopt;
    }
    int byte = 0;
    std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace autotape
