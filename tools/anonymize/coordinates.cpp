#include "anonymize/coordinates.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "anonymize/keyed_number.hpp"

namespace autotape {
namespace {

constexpr std::array<std::pair<CoordinateMode, std::string_view>, 3> mode_names{{
    {CoordinateMode::drop, "drop"},
    {CoordinateMode::grid, "grid"},
    {CoordinateMode::shift, "shift"},
}};

using Nanodegrees = std::int64_t;
constexpr Nanodegrees degree = 1'000'000'000;

Nanodegrees greatest(Axis axis) {
  return (axis == Axis::latitude ? 90 : 180) * degree;
}

std::string_view axis_name(Axis axis) {
  return axis == Axis::latitude ? "latitude" : "longitude";
}

std::string format(Nanodegrees value) {
  const Nanodegrees size = std::abs(value);
  std::string text = fmt::format("{}{}.{:09}", value < 0 ? "-" : "", size / degree, size % degree);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') {
    text.pop_back();
  }
  return text;
}

std::uint64_t keyed(HmacSha256& hmac, std::string_view purpose, Axis axis, std::string_view text,
                    std::uint64_t bound) {
  return keyed_number(hmac, fmt::format("{} {}", purpose, axis_name(axis)), text, bound);
}

Nanodegrees made_up(HmacSha256& hmac, Axis axis, Nanodegrees value) {
  constexpr Nanodegrees step = 100;  // a centimetre: longer numbers say nothing more
  const auto steps = static_cast<std::uint64_t>(2 * greatest(axis) / step);
  const auto chosen = keyed(hmac, "place", axis, fmt::to_string(value), steps);
  return static_cast<Nanodegrees>(chosen) * step - greatest(axis);
}

Nanodegrees snapped(HmacSha256& hmac, double grid, Axis axis, Nanodegrees value) {
  const Nanodegrees cell = std::llround(grid * static_cast<double>(degree));
  const Nanodegrees from_edge = ((value % cell) + cell) % cell;
  const Nanodegrees edge = std::min(value - from_edge, greatest(axis) - cell);
  const auto apart =
      keyed(hmac, "in cell", axis, fmt::to_string(value), static_cast<std::uint64_t>(cell / 1000));
  return std::max(edge, -greatest(axis)) + static_cast<Nanodegrees>(apart);
}

Nanodegrees moved(HmacSha256& hmac, Axis axis, Nanodegrees value, std::string_view vin) {
  constexpr Nanodegrees step = 1000;
  const Nanodegrees most = axis == Axis::latitude ? 20 * degree : 180 * degree;
  const auto chosen = keyed(hmac, "shift", axis, vin, static_cast<std::uint64_t>(2 * most / step));
  const Nanodegrees by = static_cast<Nanodegrees>(chosen) * step - most;
  // What leaves the range comes back at its other end, so that no two places become one.
  const Nanodegrees all = 2 * greatest(axis) + 1;
  return (value + greatest(axis) + by + all) % all - greatest(axis);
}

}  // namespace

std::string_view name_of(CoordinateMode mode) {
  return mode_names[static_cast<std::size_t>(mode)].second;
}

std::optional<CoordinateMode> coordinate_mode_of(std::string_view name) {
  const auto* const row = std::find_if(mode_names.begin(), mode_names.end(),
                                       [&](const auto& r) { return r.second == name; });
  return row == mode_names.end() ? std::nullopt : std::optional(row->first);
}

std::string masked_coordinate(HmacSha256& hmac, const CoordinateSettings& settings, Axis axis,
                              std::string_view literal, std::string_view vin) {
  double degrees = 0;
  std::from_chars(literal.data(), literal.data() + literal.size(), degrees);
  const double most = axis == Axis::latitude ? 90 : 180;
  if (!(degrees >= -most && degrees <= most)) {
    constexpr std::uint64_t many = 1'000'000'000'000;
    return fmt::to_string(1000 + keyed(hmac, "no place", axis, fmt::format("{}", degrees), many));
  }
  const Nanodegrees value = std::llround(degrees * static_cast<double>(degree));
  switch (settings.mode) {
    case CoordinateMode::grid:
      return format(snapped(hmac, settings.grid, axis, value));
    case CoordinateMode::shift:
      return format(moved(hmac, axis, value, vin));
    case CoordinateMode::drop:
      break;
  }
  return format(made_up(hmac, axis, value));
}

}  // namespace autotape
