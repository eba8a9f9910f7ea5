// The `format`s of JSON Schema draft-07 (validation, section 7.3), and `uuid` of its successors.
#pragma once

#include <string_view>

namespace autotape {

using FormatCheck = bool (*)(std::string_view text);

// Nothing (null) for a format that we do not know: JSON Schema then accepts every text.
// Known: date-time, date, time, uuid, email, idn-email, hostname, ipv4, ipv6, uri, uri-reference,
// iri, iri-reference, uri-template, json-pointer, relative-json-pointer, regex.
FormatCheck find_format(std::string_view name);

bool is_date_time(std::string_view text);  // RFC 3339 section 5.6, of any year from 0000 to 9999
bool is_full_date(std::string_view text);
bool is_full_time(std::string_view text);  // with an offset
bool is_uuid(std::string_view text);       // RFC 4122, upper or lower case
bool is_email(std::string_view text);      // RFC 5321 `Mailbox`
bool is_hostname(std::string_view text);   // RFC 1123 section 2.1

}  // namespace autotape
