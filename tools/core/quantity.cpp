#include "core/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace autotape {
namespace {

struct Number {
  double value = 0;
  std::string_view rest;  // what follows the number
};

std::optional<Number> take_number(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') {
    return std::nullopt;
  }
  Number number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.value,
                                            std::chars_format::fixed);
  if (error != std::errc()) {
    return std::nullopt;
  }
  number.rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return number;
}

struct Unit {
  std::string_view name;
  double size;
};

// Longer names come before those that they begin with.
constexpr std::array<Unit, 8> duration_units{{{"min", 60e9},
                                              {"ms", 1e6},
                                              {"us", 1e3},
                                              {"ns", 1},
                                              {"s", 1e9},
                                              {"m", 60e9},
                                              {"h", 3600e9},
                                              {"d", 86400e9}}};

constexpr std::array<Unit, 8> byte_units{{{"", 1},
                                          {"B", 1},
                                          {"kB", 1e3},
                                          {"KiB", 1024},
                                          {"MB", 1e6},
                                          {"MiB", 1048576},
                                          {"GB", 1e9},
                                          {"GiB", 1073741824}}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") {
    return Duration(0);
  }
  if (text.empty()) {
    return std::nullopt;
  }
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) {
      return std::nullopt;
    }
    const Unit* found = nullptr;
    for (const Unit& unit : duration_units) {
      if (number->rest.starts_with(unit.name)) {
        found = &unit;
        break;
      }
    }
    if (found == nullptr) {
      return std::nullopt;
    }
    total += number->value * found->size;
    text = number->rest.substr(found->name.size());
  }
  if (total > static_cast<double>(longest_duration.count())) {
    return std::nullopt;
  }
  return Duration(std::llround(total));
}

std::string format_duration(Duration duration) {
  struct ExactUnit {
    std::string_view name;
    std::int64_t nanoseconds;
  };
  constexpr std::array<ExactUnit, 7> units{{{"d", 86'400'000'000'000},
                                            {"h", 3'600'000'000'000},
                                            {"m", 60'000'000'000},
                                            {"s", 1'000'000'000},
                                            {"ms", 1'000'000},
                                            {"us", 1'000},
                                            {"ns", 1}}};
  std::string text = duration.count() < 0 ? "-" : "";
  std::int64_t rest = duration.count() < 0 ? -duration.count() : duration.count();
  if (rest == 0) {
    return "0s";
  }
  for (const ExactUnit& unit : units) {
    if (rest >= unit.nanoseconds) {
      text += fmt::format("{}{}", rest / unit.nanoseconds, unit.name);
      rest %= unit.nanoseconds;
    }
  }
  return text;
}

std::string describe_duration(Duration duration) {
  const auto nanoseconds = static_cast<double>(duration.count());
  const double size = nanoseconds < 0 ? -nanoseconds : nanoseconds;
  if (size < 1e3) {
    return fmt::format("{} ns", duration.count());
  }
  if (size < 999.5e3) {  // three digits of it are no 1e+03
    return fmt::format("{:.3g} µs", nanoseconds / 1e3);
  }
  if (size < 999.5e6) {
    return fmt::format("{:.3g} ms", nanoseconds / 1e6);
  }
  if (size < 60e9) {
    return fmt::format("{:.3g} s", nanoseconds / 1e9);
  }
  const auto seconds = static_cast<std::int64_t>(size / 1e9);
  const std::string sign = nanoseconds < 0 ? "-" : "";
  if (seconds < 3600) {
    return fmt::format("{}{} min {:02} s", sign, seconds / 60, seconds % 60);
  }
  if (seconds < 86400) {
    return fmt::format("{}{} h {:02} min", sign, seconds / 3600, seconds / 60 % 60);
  }
  return fmt::format("{}{} d {:02} h", sign, seconds / 86400, seconds / 3600 % 24);
}

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
  const auto number = take_number(text);
  if (!number) {
    return std::nullopt;
  }
  for (const Unit& unit : byte_units) {
    if (number->rest == unit.name) {
      const double bytes = number->value * unit.size;
      if (bytes >= static_cast<double>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
      }
      return static_cast<std::uint64_t>(std::llround(bytes));
    }
  }
  return std::nullopt;
}

std::string describe_byte_count(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> names{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < names.size()) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.3g} {}", value, names[unit]);
}

std::optional<double> parse_share(std::string_view text) {
  const auto number = take_number(text);
  if (!number || (!number->rest.empty() && number->rest != "%")) {
    return std::nullopt;
  }
  const double share = number->rest.empty() ? number->value : number->value / 100;
  return share <= 1 ? std::optional(share) : std::nullopt;
}

std::string describe_count(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      grouped += ',';
    }
    grouped += digits[i];
  }
  return grouped;
}

}  // namespace autotape
