#include "schema/format.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "schema/idn_hostname.hpp"
#include "schema/pattern.hpp"
#include "schema/uri.hpp"

namespace autotape {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

// The two digits at `at`, or -1.
int two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) {
    return -1;
  }
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool between(int value, int least, int most) {
  return value >= least && value <= most;
}

int days_of(int year, int month) {
  constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

// RFC 5321 section 4.1.2: `atext`.
bool is_atom_character(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

enum class MailAlphabet { ascii, international };

bool is_dot_string(std::string_view text, MailAlphabet alphabet) {
  char before = '.';
  for (const char c : text) {
    const bool atom =
        is_atom_character(c) || (alphabet == MailAlphabet::international && is_beyond_ascii(c));
    if (c == '.' ? before == '.' : !atom) {
      return false;
    }
    before = c;
  }
  return before != '.';
}

bool is_quoted_string(std::string_view text, MailAlphabet alphabet) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return false;
  }
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    if (escaped && ++i == text.size()) {
      return false;
    }
    const bool allowed = is_beyond_ascii(text[i]) ? alphabet == MailAlphabet::international
                                                  : text[i] >= 0x20 && text[i] < 0x7F;
    if (!allowed || (text[i] == '"' && !escaped)) {
      return false;
    }
  }
  return true;
}

bool is_mail_domain(std::string_view text, MailAlphabet alphabet) {
  if (text.starts_with('[') && text.ends_with(']')) {
    const std::string_view literal = text.substr(1, text.size() - 2);
    constexpr std::string_view ipv6 = "IPv6:";
    return literal.starts_with(ipv6) ? is_ipv6(literal.substr(ipv6.size())) : is_ipv4(literal);
  }
  return alphabet == MailAlphabet::ascii ? is_hostname(text) : is_idn_hostname(text);
}

bool is_mailbox(std::string_view text, MailAlphabet alphabet) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view local = text.substr(0, at);
  return local.size() <= 64 &&
         (is_dot_string(local, alphabet) || is_quoted_string(local, alphabet)) &&
         is_mail_domain(text.substr(at + 1), alphabet);
}

bool is_ascii_mailbox(std::string_view text) {
  return is_mailbox(text, MailAlphabet::ascii);
}
bool is_international_mailbox(std::string_view text) {
  return is_mailbox(text, MailAlphabet::international);
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') {
    return false;
  }
  for (std::size_t tilde = text.find('~'); tilde != std::string_view::npos;
       tilde = text.find('~', tilde + 1)) {
    if (tilde + 1 == text.size() || (text[tilde + 1] != '0' && text[tilde + 1] != '1')) {
      return false;
    }
  }
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  const auto end =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  if (end == 0 || (end > 1 && text[0] == '0')) {
    return false;
  }
  const std::string_view rest = text.substr(end);
  return rest == "#" || is_json_pointer(rest);
}

// "%2F".
bool begins_with_encoded(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && is_hex(text[1]) && is_hex(text[2]);
}

// RFC 6570 section 2.3: single dots between its characters.
bool is_variable_name(std::string_view text) {
  bool dot_may_follow = false;
  while (!text.empty()) {
    const bool is_dot = text[0] == '.';
    const bool encoded = begins_with_encoded(text);
    if (is_dot ? !dot_may_follow
               : !encoded && !is_alpha(text[0]) && !is_digit(text[0]) && text[0] != '_') {
      return false;
    }
    dot_may_follow = !is_dot;
    text.remove_prefix(encoded ? 3 : 1);
  }
  return dot_may_follow;
}

// RFC 6570 section 2.3: variables with modifiers between commas.
bool is_template_expression(std::string_view text) {
  if (!text.empty() && std::string_view("+#./;?&=,!@|").find(text[0]) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view variable = text.substr(0, comma);
    if (variable.ends_with('*')) {
      variable.remove_suffix(1);
    } else if (const std::size_t colon = variable.find(':'); colon != std::string_view::npos) {
      const std::string_view length = variable.substr(colon + 1);
      if (length.empty() || length.size() > 4 || length[0] == '0' ||
          !std::all_of(length.begin(), length.end(), is_digit)) {
        return false;
      }
      variable = variable.substr(0, colon);
    }
    if (!is_variable_name(variable)) {
      return false;
    }
    if (comma == text.size()) {
      return true;
    }
    text.remove_prefix(comma + 1);
  }
}

bool is_uri_template(std::string_view text) {
  while (!text.empty()) {
    const char c = text.front();
    if (c == '{') {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos || !is_template_expression(text.substr(1, end - 1))) {
        return false;
      }
      text.remove_prefix(end + 1);
      continue;
    }
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F ||
        std::string_view("\"'<>\\^`|}").find(c) != std::string_view::npos) {
      return false;
    }
    if (c == '%' && !begins_with_encoded(text)) {
      return false;
    }
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace

bool is_full_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return false;
  }
  const int century = two_digits(text, 0);
  const int year = two_digits(text, 2);
  const int month = two_digits(text, 5);
  return century >= 0 && year >= 0 && between(month, 1, 12) &&
         between(two_digits(text, 8), 1, days_of(century * 100 + year, month));
}

bool is_full_time(std::string_view text) {
  const int hour = two_digits(text, 0);
  const int minute = two_digits(text, 3);
  const int second = two_digits(text, 6);
  if (text.size() < 9 || text[2] != ':' || text[5] != ':' || !between(hour, 0, 23) ||
      !between(minute, 0, 59) || !between(second, 0, 60)) {
    return false;
  }
  text.remove_prefix(8);
  if (text[0] == '.') {
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin() + 1, text.end(), is_digit) - text.begin());
    if (end == 1) {
      return false;
    }
    text.remove_prefix(end);
  }
  int offset = 0;  // minutes
  if (text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':') {
    const int hours = two_digits(text, 1);
    const int minutes = two_digits(text, 4);
    if (!between(hours, 0, 23) || !between(minutes, 0, 59)) {
      return false;
    }
    offset = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
  } else if (text != "Z" && text != "z") {
    return false;
  }
  constexpr int day = 24 * 60;
  const int utc_minute = (hour * 60 + minute - offset + day) % day;
  return second < 60 || utc_minute == day - 1;  // a leap second is 23:59:60 UTC
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') &&
         is_full_date(text.substr(0, 10)) && is_full_time(text.substr(11));
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex(text[i])) {
      return false;
    }
  }
  return true;
}

bool is_email(std::string_view text) {
  return is_ascii_mailbox(text);
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) {
    return false;
  }
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        !std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; })) {
      return false;
    }
    if (label.size() == text.size()) {
      return true;
    }
    text.remove_prefix(label.size() + 1);
  }
}

FormatCheck find_format(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, FormatCheck>, 18> formats = {{
      {"date-time", is_date_time},
      {"date", is_full_date},
      {"time", is_full_time},
      {"uuid", is_uuid},
      {"email", is_ascii_mailbox},
      {"idn-email", is_international_mailbox},
      {"hostname", is_hostname},
      {"idn-hostname", is_idn_hostname},
      {"ipv4", is_ipv4},
      {"ipv6", is_ipv6},
      {"uri", is_uri},
      {"uri-reference", is_uri_reference},
      {"iri", is_iri},
      {"iri-reference", is_iri_reference},
      {"uri-template", is_uri_template},
      {"json-pointer", is_json_pointer},
      {"relative-json-pointer", is_relative_json_pointer},
      {"regex", is_ecma_pattern},
  }};
  const auto* const found = std::find_if(formats.begin(), formats.end(),
                                         [&](const auto& entry) { return entry.first == name; });
  return found == formats.end() ? nullptr : found->second;
}

}  // namespace autotape
