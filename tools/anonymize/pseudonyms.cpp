#include "anonymize/pseudonyms.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "anonymize/keyed_number.hpp"
#include "anonymize/vin_permutation.hpp"
#include "message/vin.hpp"

namespace autotape {
namespace {

constexpr std::size_t uuid_length = 36;
constexpr std::size_t least_hex_digits = 16;
constexpr std::size_t pseudonym_letters = 16;
constexpr std::size_t letters_at_vin_length = vin_length - pseudonym_prefix.size();
constexpr std::string_view stub_prefix = "autotape stub: ";

constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648, lower case

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

// Decimal digits and letters of one case.
enum class HexCase { none, lower, upper };
HexCase hex_case_of(std::string_view text) {
  bool lower = false;
  bool upper = false;
  for (const char c : text) {
    lower = lower || (c >= 'a' && c <= 'f');
    upper = upper || (c >= 'A' && c <= 'F');
    if (!is_decimal(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
      return HexCase::none;
    }
  }
  if (lower && upper) {
    return HexCase::none;
  }
  return lower ? HexCase::lower : HexCase::upper;
}

std::string without_hyphens(std::string_view uuid) {
  std::string digits(uuid);
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  return digits;
}

bool is_uuid(std::string_view text) {
  if (text.size() != uuid_length) {
    return false;
  }
  for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) {
    if (text[hyphen] != '-') {
      return false;
    }
  }
  const std::string digits = without_hyphens(text);
  return digits.size() == 32 && hex_case_of(digits) != HexCase::none;
}

bool is_long_hex(std::string_view text) {
  return text.size() >= least_hex_digits && hex_case_of(text) != HexCase::none;
}

// As many digits as asked for: the digests of one text after the other, each with its number.
std::string keyed_hex(HmacSha256& hmac, std::string_view text, std::size_t digits, HexCase form) {
  const std::string_view alphabet =
      form == HexCase::lower ? "0123456789abcdef" : "0123456789ABCDEF";
  std::string hex;
  for (char block = 0; hex.size() < digits; ++block) {
    for (const std::uint8_t byte : hmac.of({"hex", std::string_view(&block, 1), text})) {
      hex += alphabet[byte >> 4U];
      hex += alphabet[byte & 15U];
    }
  }
  hex.resize(digits);
  return hex;
}

// Version and variant stay, so that it is as much of a UUID as it was.
std::string keyed_uuid(HmacSha256& hmac, std::string_view uuid) {
  const HexCase form = hex_case_of(without_hyphens(uuid));
  std::string other = keyed_hex(hmac, uuid, 32, form);
  for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) {
    other.insert(hyphen, 1, '-');
  }
  constexpr std::size_t version = 14;
  constexpr std::size_t variant = 19;
  other[version] = uuid[version];
  other[variant] = uuid[variant];
  return other;
}

std::string keyed_letters(HmacSha256& hmac, std::string_view text, std::size_t count) {
  const HmacDigest digest = hmac.of({"text", std::string_view("\0", 1), text});
  std::string letters(pseudonym_prefix);
  for (std::size_t i = 0; i < count; ++i) {
    letters += base32[digest[i] % base32.size()];
  }
  return letters;
}

// In Unicode characters, as schemas count.
std::size_t length_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool comes_often(std::string_view text) {
  constexpr std::size_t app_id_length = 24;
  return text.size() == vin_length || text.size() == app_id_length || text.size() == uuid_length;
}

int days_of_key(const AnonymizeKey& key) {
  HmacSha256 hmac(key.secret);
  return -7 * static_cast<int>(5 + keyed_number(hmac, "weeks", "", 100));
}

}  // namespace

bool has_pseudonym_form(std::string_view text) {
  if (text.starts_with(pseudonym_prefix)) {
    const std::string_view letters = text.substr(pseudonym_prefix.size());
    return (letters.size() == pseudonym_letters || letters.size() == letters_at_vin_length) &&
           letters.find_first_not_of(base32) == std::string_view::npos;
  }
  return text.empty() || is_vin(text) || is_uuid(text) || is_long_hex(text);
}

Pseudonyms::Pseudonyms(const AnonymizeKey& key, const CoordinateSettings& coordinates,
                       std::optional<int> shift_days)
    : hmac_(key.secret),
      coordinates_(coordinates),
      dates_(shift_days ? *shift_days : days_of_key(key)) {}

std::string Pseudonyms::make_text(std::string_view original) {
  if (is_vin(original)) {
    return permute_vin(hmac_, original);
  }
  if (is_uuid(original)) {
    return keyed_uuid(hmac_, original);
  }
  if (is_long_hex(original)) {
    return keyed_hex(hmac_, original, original.size(), hex_case_of(original));
  }
  return keyed_letters(
      hmac_, original,
      length_of(original) == vin_length ? letters_at_vin_length : pseudonym_letters);
}

std::string_view Pseudonyms::text(std::string_view original) {
  if (original.empty()) {
    return original;
  }
  if (!comes_often(original)) {
    result_ = make_text(original);
    return result_;
  }
  if (const auto known = names_.find(original); known != names_.end()) {
    return known->second;
  }
  constexpr std::size_t many = 100'000;
  if (names_.size() == many) {
    names_.clear();
  }
  return names_.emplace(original, make_text(original)).first->second;
}

std::string_view Pseudonyms::date_time(std::string_view original) {
  auto shifted = dates_.shifted(original);
  if (!shifted) {
    return text(original);
  }
  result_ = std::move(*shifted);
  return result_;
}

// An integer stays one, and equal numbers stay equal however they are written: 1, 1.0, 10e-1.
std::string_view Pseudonyms::number(std::string_view literal) {
  double value = 0;
  std::from_chars(literal.data(), literal.data() + literal.size(), value);
  constexpr double exact = 9007199254740992;  // 2^53: integers above are told apart by their digits
  const bool whole = value == std::floor(value);
  const bool by_digits =
      whole && std::abs(value) >= exact && literal.find_first_of(".eE") == std::string_view::npos;
  const std::string canonical =
      by_digits ? std::string(literal) : fmt::format("{}", value == 0 ? 0 : value);
  constexpr std::uint64_t fifteen_digits = 1'000'000'000'000'000;
  const std::uint64_t chosen = keyed_number(hmac_, "number", canonical, fifteen_digits);
  constexpr std::uint64_t million = 1'000'000;
  result_ =
      whole ? fmt::to_string(chosen) : fmt::format("{}.{:06}5", chosen / million, chosen % million);
  return result_;
}

std::string_view Pseudonyms::coordinate(Axis axis, std::string_view literal, std::string_view vin) {
  result_ = masked_coordinate(hmac_, coordinates_, axis, literal, vin);
  return result_;
}

std::string Pseudonyms::stub(std::string_view payload) {
  return fmt::format("{}{} bytes, {}", stub_prefix, payload.size(),
                     keyed_hex(hmac_, payload, least_hex_digits, HexCase::lower));
}

bool is_stub(std::string_view payload) {
  if (!payload.starts_with(stub_prefix)) {
    return false;
  }
  payload.remove_prefix(stub_prefix.size());
  constexpr std::string_view between = " bytes, ";
  const std::size_t at = payload.find(between);
  return at != std::string_view::npos && at > 0 &&
         std::all_of(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(at),
                     is_decimal) &&
         payload.size() == at + between.size() + least_hex_digits &&
         hex_case_of(payload.substr(at + between.size())) != HexCase::none;
}

}  // namespace autotape
