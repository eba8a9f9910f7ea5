#include "schema/idn_hostname.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <idn2.h>

#include "schema/format.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 4> full_stops = {".", "\u3002", "\uFF0E", "\uFF61"};

// Between the full stops; none is taken away, so that there may be empty ones.
std::vector<std::string> labels_of(std::string_view text) {
  std::vector<std::string> labels(1);
  while (!text.empty()) {
    const auto* const stop =
        std::find_if(full_stops.begin(), full_stops.end(),
                     [&](std::string_view one) { return text.starts_with(one); });
    if (stop != full_stops.end()) {
      labels.emplace_back();
      text.remove_prefix(stop->size());
    } else {
      labels.back() += text.front();
      text.remove_prefix(1);
    }
  }
  return labels;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_alabel(std::string_view label) {
  constexpr std::string_view prefix = "xn--";
  return label.size() > prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), label.begin(), [](char a, char b) {
           return a == (b == 'X' ? 'x' : b == 'N' ? 'n' : b);
         });
}

const std::uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const std::uint8_t*>(text.c_str());
}

// As the DNS has it, or nothing if it cannot be registered.
std::optional<std::string> encoded(const std::string& label) {
  if (label.find('\0') != std::string::npos || label.front() == '-' || label.back() == '-') {
    return std::nullopt;
  }
  if (is_ascii(label) && !is_alabel(label)) {
    return is_hostname(label) ? std::optional(label) : std::nullopt;
  }
  std::uint8_t* name = nullptr;
  const int code = is_ascii(label) ? idn2_register_u8(nullptr, bytes_of(label), &name, 0)
                                   : idn2_register_u8(bytes_of(label), nullptr, &name, 0);
  const std::unique_ptr<std::uint8_t, decltype(&idn2_free)> owned(name, &idn2_free);
  return code == IDN2_OK ? std::optional(reinterpret_cast<const char*>(name)) : std::nullopt;
}

std::vector<char32_t> code_points(std::string_view utf8) {
  std::vector<char32_t> points;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U && !points.empty()) {
      points.back() = (points.back() << 6U) | (byte & 0x3FU);
    } else {
      points.push_back(byte < 0x80   ? byte
                       : byte < 0xE0 ? byte & 0x1FU
                                     : byte & (byte < 0xF0 ? 0x0FU : 0x07U));
    }
  }
  return points;
}

bool is_european_number(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 0x6F0 && c <= 0x6F9);
}
bool is_arabic_number(char32_t c) {
  return c >= 0x660 && c <= 0x669;
}

// The blocks that Unicode reserves for scripts from right to left (DerivedBidiClass.txt).
bool is_right_to_left(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 5> blocks = {
      {{0x590, 0x8FF}, {0xFB1D, 0xFDFF}, {0xFE70, 0xFEFF}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}}};
  return !is_european_number(c) &&
         std::any_of(blocks.begin(), blocks.end(),
                     [&](const auto& block) { return c >= block.first && c <= block.second; });
}

// What RFC 5893 section 2 asks beyond what libidn2 holds each label against: in a name with a label
// from right to left none begins with a digit, and in such a label digits are of one kind.
bool has_sound_directions(const std::vector<std::string>& labels) {
  bool from_right = false;
  bool digit_first = false;
  for (const std::string& label : labels) {
    const auto points = code_points(label);
    const bool this_from_right = std::any_of(points.begin(), points.end(), is_right_to_left);
    if (this_from_right && std::any_of(points.begin(), points.end(), is_european_number) &&
        std::any_of(points.begin(), points.end(), is_arabic_number)) {
      return false;
    }
    from_right = from_right || this_from_right;
    digit_first = digit_first || is_european_number(points.front());
  }
  return !(from_right && digit_first);
}

}  // namespace

bool is_idn_hostname(std::string_view text) {
  const auto labels = labels_of(text);
  std::size_t length = labels.size() - 1;
  for (const std::string& label : labels) {
    const auto name = label.empty() ? std::nullopt : encoded(label);
    if (!name) {
      return false;
    }
    length += name->size();
  }
  return length <= 253 && has_sound_directions(labels);
}

}  // namespace autotape
