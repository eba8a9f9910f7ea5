#include "tape/tape.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace autotape {
namespace {

constexpr std::array<std::pair<MarkerKind, std::string_view>, 8> marker_names{{
    {MarkerKind::recording_started, "recording_started"},
    {MarkerKind::recording_resumed, "recording_resumed"},
    {MarkerKind::connected, "connected"},
    {MarkerKind::disconnected, "disconnected"},
    {MarkerKind::session_lost, "session_lost"},
    {MarkerKind::clock_jumped, "clock_jumped"},
    {MarkerKind::torn_tail_repaired, "torn_tail_repaired"},
    {MarkerKind::recording_stopped, "recording_stopped"},
}};

}  // namespace

std::string_view name_of(MarkerKind kind) {
  return std::find_if(marker_names.begin(), marker_names.end(),
                      [&](const auto& row) { return row.first == kind; })
      ->second;
}

std::optional<MarkerKind> marker_kind_of(std::string_view name) {
  const auto* const row = std::find_if(marker_names.begin(), marker_names.end(),
                                       [&](const auto& r) { return r.second == name; });
  return row == marker_names.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace autotape
