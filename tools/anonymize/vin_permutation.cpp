#include "anonymize/vin_permutation.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include "anonymize/keyed_number.hpp"
#include "message/vin.hpp"

namespace autotape {
namespace {

constexpr std::uint64_t characters = vin_characters.size();
constexpr std::size_t rounds = 10;

// What stands on each side of the check digit, which is in the middle, is one of so many.
constexpr std::uint64_t half_size = [] {
  std::uint64_t size = 1;
  for (std::size_t i = 0; i < vin_check_digit_place; ++i) {
    size *= characters;
  }
  return size;
}();

std::uint64_t index_of(char c) {
  return vin_characters.find(c);
}

// The VIN without its check digit, as two numbers.
struct Halves {
  std::uint64_t left = 0;
  std::uint64_t right = 0;
};

Halves halves_of(std::string_view vin) {
  Halves halves;
  for (std::size_t i = 0; i < vin_length; ++i) {
    if (i != vin_check_digit_place) {
      std::uint64_t& number = i < vin_check_digit_place ? halves.left : halves.right;
      number = number * characters + index_of(vin[i]);
    }
  }
  return halves;
}

// Any character stands for the check digit.
std::string vin_of(Halves halves) {
  std::string vin(vin_length, '0');
  for (std::size_t i = vin_length; i-- > 0;) {
    if (i != vin_check_digit_place) {
      std::uint64_t& number = i < vin_check_digit_place ? halves.left : halves.right;
      vin[i] = vin_characters[number % characters];
      number /= characters;
    }
  }
  return vin;
}

// A Feistel network: a permutation whatever the function of its rounds is.
Halves permute(HmacSha256& hmac, Halves halves) {
  for (std::size_t round = 0; round < rounds; ++round) {
    std::array<char, sizeof halves.right + 1> of{};
    of[0] = static_cast<char>(round);
    std::memcpy(of.data() + 1, &halves.right, sizeof halves.right);
    const std::uint64_t mix = keyed_number(hmac, "vin", {of.data(), of.size()}, half_size);
    halves = {halves.right, (halves.left + mix) % half_size};
  }
  return halves;
}

// How far the check digit is from the right one: 0 if it is right.
std::uint64_t check_digit_error(std::string_view vin) {
  const std::uint64_t right = index_of(vin_check_digit(vin));
  return (index_of(vin[vin_check_digit_place]) + characters - right) % characters;
}

}  // namespace

std::string permute_vin(HmacSha256& hmac, std::string_view vin) {
  // A permutation of all, applied until it leads back into the kind it began with, permutes the
  // kind.
  Halves halves = halves_of(vin);
  std::string other;
  do {
    halves = permute(hmac, halves);
    other = vin_of(halves);
  } while (requires_check_digit(other) != requires_check_digit(vin));

  const std::uint64_t right = index_of(vin_check_digit(other));
  std::uint64_t error = check_digit_error(vin);
  if (error != 0) {
    constexpr std::uint64_t wrong_digits = characters - 1;
    error =
        1 + (error - 1 + keyed_number(hmac, "vin check digit", other, wrong_digits)) % wrong_digits;
  }
  other[vin_check_digit_place] = vin_characters[(right + error) % characters];
  return other;
}

}  // namespace autotape
