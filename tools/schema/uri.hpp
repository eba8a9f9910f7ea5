// URIs (RFC 3986) and IRIs (RFC 3987): are they well formed, and what does a reference mean?
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace autotape {

bool is_uri(std::string_view text);            // with a scheme
bool is_uri_reference(std::string_view text);  // or relative
bool is_iri(std::string_view text);            // characters beyond ASCII are allowed
bool is_iri_reference(std::string_view text);

bool is_ipv4(std::string_view text);  // four decimal octets without leading zeros
bool is_ipv6(std::string_view text);  // RFC 4291 section 2.2, no zone

// What `reference` means in a document at `base` (RFC 3986 section 5.2). Its path is as a URI has
// it (RFC 3987 section 3.1). Neither needs to be well formed: the result then leads nowhere.
std::string resolve_uri(std::string_view base, std::string_view reference);

struct SplitUri {
  std::string_view resource;  // all before `#`
  std::string_view fragment;  // all after it, percent-encoded as it was; empty if there is none
};
SplitUri split_fragment(std::string_view uri);

// What may stand in each part of a URI: unreserved characters and sub-delimiters (RFC 3986 section
// 2), and those of `more`. All else is percent-encoded.
std::string percent_encode(std::string_view text, std::string_view more);

// Text as the fragment of a URI.
std::string encode_fragment(std::string_view text);

// Nothing if a `%` is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace autotape
