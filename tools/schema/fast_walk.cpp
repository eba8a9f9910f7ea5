#include "schema/fast_walk.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "json/parser.hpp"

namespace autotape {
namespace {

bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}
bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Eight bytes, each minus the same byte of `pattern`, where the pattern's zeros stand for digits.
std::uint64_t against(const char* text, const char* pattern) {
  std::uint64_t word = 0;
  std::uint64_t expected = 0;
  std::memcpy(&word, text, sizeof(word));
  std::memcpy(&expected, pattern, sizeof(expected));
  return word ^ expected;
}

// Are the bytes where `digits` is 0x76 at most 9, and those where it is 0x7F zero? Both carry into
// the byte's highest bit otherwise.
bool matches(std::uint64_t difference, std::uint64_t digits) {
  return (((difference + digits) | difference) & 0x8080808080808080U) == 0;
}

// The decimal number of the bytes `tens` and `tens + 1` of `difference`.
unsigned two(std::uint64_t difference, unsigned tens) {
  const auto digit = [&](unsigned at) {
    return static_cast<unsigned>(difference >> (8 * at)) & 0xFFU;
  };
  return digit(tens) * 10 + digit(tens + 1);
}

unsigned days_of(unsigned year, unsigned month) {
  constexpr std::array<unsigned char, 13> days = {0,  31, 28, 31, 30, 31, 30,
                                                  31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month] + (month == 2 && leap ? 1U : 0U);
}

constexpr unsigned oldest_plausible_year = 2010;

}  // namespace

FastWalk::Token FastWalk::value(std::uint32_t index, Token token) {
  const FastNode& node = program_.nodes[index];
  bool good = false;
  switch (node.kind) {
    case FastKind::object:
      return object(program_.objects[node.table], token);
    case FastKind::array:
      return array(node, token);
    case FastKind::enumeration: {
      if (at(token) != '"') {
        return nullptr;
      }
      const std::string_view raw = raw_string(token);
      good = program_.enumerations[node.table].find(raw.data(), raw.size()) != NameTable::none;
      break;
    }
    case FastKind::number:
      good = number(node, token);
      break;
    case FastKind::integer:
      good = integer(node, token);
      break;
    case FastKind::timestamp:
    case FastKind::date_time:
      good = date_time(node.kind, token);
      break;
    case FastKind::text:
      good = text(node, token);
      break;
    case FastKind::other:
      break;
  }
  return good ? token + 1 : nullptr;
}

FastWalk::Token FastWalk::object(const FastObject& object, Token token) {
  if (at(token) != '{' || depth_ == max_json_depth) {
    return nullptr;
  }
  ++token;
  FastObject::MemberSet seen{};
  std::size_t count = 0;
  if (at(token) == '}') {
    ++token;
  } else {
    ++depth_;
    while (true) {
      if (at(token) != '"' || at(token + 1) != ':') {
        return nullptr;
      }
      const std::string_view name = raw_string(token);
      const std::uint32_t member = object.names.find(name.data(), name.size());
      if (member == NameTable::none) {
        return nullptr;
      }
      const std::uint64_t bit = std::uint64_t{1} << (member % 64);
      std::uint64_t& seen_word = seen[member / 64];
      if ((seen_word & bit) != 0) {
        return nullptr;  // twice
      }
      seen_word |= bit;
      ++count;
      warned_ = warned_ || object.members[member].deprecated;
      token = value(object.members[member].node, token + 2);
      if (token == nullptr) {
        return nullptr;
      }
      const char separator = at(token++);
      if (separator == '}') {
        break;
      }
      if (separator != ',') {
        return nullptr;
      }
    }
    --depth_;
  }
  const bool complete =
      (object.required[0] & ~seen[0]) == 0 && (object.required[1] & ~seen[1]) == 0;
  return complete && count >= object.least && count <= object.most ? token : nullptr;
}

FastWalk::Token FastWalk::array(const FastNode& node, Token token) {
  if (at(token) != '[' || depth_ == max_json_depth) {
    return nullptr;
  }
  ++token;
  std::int64_t count = 0;
  if (at(token) == ']') {
    ++token;
  } else {
    ++depth_;
    while (true) {
      token = value(node.item, token);
      if (token == nullptr) {
        return nullptr;
      }
      ++count;
      const char separator = at(token++);
      if (separator == ']') {
        break;
      }
      if (separator != ',') {
        return nullptr;
      }
    }
    --depth_;
  }
  return count >= node.least && count <= node.most ? token : nullptr;
}

bool FastWalk::text(const FastNode& node, Token token) const {
  if (at(token) != '"') {
    return false;
  }
  const std::string_view raw = raw_string(token);
  if (std::memchr(raw.data(), '\\', raw.size()) != nullptr) {
    return false;
  }
  if (node.least == 0 && node.most >= static_cast<std::int64_t>(raw.size())) {
    return true;
  }
  const auto code_points = std::count_if(raw.begin(), raw.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return code_points >= node.least && code_points <= node.most;
}

bool FastWalk::number(const FastNode& node, Token token) {
  const char* c = text_ + *token;
  const bool negative = *c == '-';
  c += negative ? 1 : 0;
  const char* const digits = c;
  unsigned whole = 0;
  while (is_digit(*c)) {
    whole = whole * 10 + static_cast<unsigned>(*c++ - '0');
  }
  const auto whole_digits = c - digits;
  if (whole_digits == 0 || (whole_digits > 1 && *digits == '0')) {
    return false;
  }
  bool fraction = false;
  if (*c == '.') {
    const char* const first = ++c;
    while (is_digit(*c)) {
      fraction = fraction || *c != '0';
      ++c;
    }
    if (c == first) {
      return false;
    }
  }
  // With an exponent, or as many digits as a double's range has, a slower look is needed.
  constexpr std::ptrdiff_t most_digits = 300;
  if ((c != text_ + token[1] && !is_space(*c)) || whole_digits > most_digits) {
    return false;
  }
  if (node.plausible != Plausible::anything) {
    const unsigned most = node.plausible == Plausible::share      ? 1U
                          : node.plausible == Plausible::latitude ? 90U
                                                                  : 180U;
    const bool beyond = whole_digits > 3 || whole > most || (whole == most && fraction);
    warned_ = warned_ || beyond || (negative && node.plausible == Plausible::share);
  }
  return true;
}

bool FastWalk::integer(const FastNode& node, Token token) const {
  const char* c = text_ + *token;
  const bool negative = *c == '-';
  c += negative ? 1 : 0;
  const char* const digits = c;
  std::int64_t value = 0;
  constexpr std::ptrdiff_t most_digits = 18;  // fit into 64 bits
  while (is_digit(*c) && c - digits < most_digits) {
    value = value * 10 + (*c++ - '0');
  }
  const auto count = c - digits;
  if (count == 0 || (count > 1 && *digits == '0') || (c != text_ + token[1] && !is_space(*c))) {
    return false;
  }
  value = negative ? -value : value;
  return value >= node.least && value <= node.most;
}

// "2021-11-01T10:33:10.000Z". Leap seconds are left to a slower look.
bool FastWalk::date_time(FastKind kind, Token token) {
  if (at(token) != '"') {
    return false;
  }
  const std::string_view raw = raw_string(token);
  if (raw.size() < 20) {
    return false;
  }
  const char* c = raw.data();
  const char* const end = c + raw.size();
  const std::uint64_t day_part = against(c, "0000-00-");
  const std::uint64_t minute_part = against(c + 8, "00T00:00");
  const std::uint64_t second_part = against(c + 15, "0:000000") & 0xFFFFFFFFU;
  if (!matches(day_part, 0x7F76767F76767676U) ||
      !matches(minute_part & ~std::uint64_t{0x200000U}, 0x76767F76767F7676U) ||
      !matches(second_part, 0x76767F76U)) {
    return false;
  }
  const unsigned year = two(day_part, 0) * 100 + two(day_part, 2);
  const unsigned month = two(day_part, 5);
  const unsigned day = two(minute_part, 0);
  const unsigned hour = two(minute_part, 3);
  const unsigned minute = two(minute_part, 6);
  const unsigned second = two(second_part, 2);
  if (month == 0 || month > 12 || day == 0 || day > days_of(year, month) || hour > 23 ||
      minute > 59 || second > 59) {
    return false;
  }
  c += 19;
  if (*c == '.') {
    const char* const first = ++c;
    while (is_digit(*c)) {
      ++c;
    }
    if (c == first) {
      return false;
    }
  }
  const bool utc = c + 1 == end && (*c == 'Z' || *c == 'z');
  if (!utc) {
    const bool offset = end - c == 6 && (*c == '+' || *c == '-') && is_digit(c[1]) &&
                        is_digit(c[2]) && c[3] == ':' && is_digit(c[4]) && is_digit(c[5]);
    if (!offset || (c[1] - '0') * 10 + (c[2] - '0') > 23 || c[4] > '5') {
      return false;
    }
  }
  if (kind == FastKind::timestamp) {
    const PackedMinute packed = (((year * 100ULL + month) * 100 + day) * 100 + hour) * 100 + minute;
    const bool late = packed >= (utc ? late_.in_utc : late_.elsewhere);
    warned_ =
        warned_ || late || year < oldest_plausible_year || (!utc && year == oldest_plausible_year);
  }
  return true;
}

}  // namespace autotape
