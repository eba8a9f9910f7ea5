// What to play and how: the options that `replay`, `plan` and `test` share. Each stands for a value
// of a scenario.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

struct ReplayOptions {
  std::optional<std::string> rate{};
  std::optional<double> duplicate{};
  Duration duplicate_delay = std::chrono::seconds(5);
  std::optional<std::uint64_t> reorder{};
  std::optional<std::uint64_t> seed{};
  std::vector<std::string> include{};
  std::vector<std::string> exclude{};
  std::optional<Duration> start_offset{};
  std::optional<Duration> playback_duration{};
  std::optional<Duration> longest_gap{};
  std::optional<std::uint32_t> loop{};
  std::string loop_ids{};    // "new", "keep"
  std::string loop_times{};  // "shift", "keep"
  std::vector<std::string> remap{};
  bool restamp = false;
  std::string restamp_at{};
  bool to_v2 = false;
  std::optional<Duration> max_lag{};
  std::vector<std::string> settings{};  // --set
};

void add_replay_options(CLI::App& command, ReplayOptions& options);

// What `input` (a scenario or a tape) and the options come to. The options win; --duplicate and
// --reorder are stages behind those of the scenario.
Result<Scenario> scenario_of(const std::string& input, const ReplayOptions& options);

}  // namespace autotape
