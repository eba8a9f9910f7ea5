// The consumer under test and what is expected of it: the options that `test`, `explore`, `shrink`
// and `limits` share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "run/test_run.hpp"

namespace autotape {

// In a search many runs wait for quiet, so they wait less.
inline constexpr Duration search_settle = std::chrono::milliseconds(100);

struct ConsumerOptions {
  std::optional<std::uint32_t> consumers{};
  std::string observations = "file";
  std::string state_command{};
  Duration start_timeout = std::chrono::seconds(30);
  Duration settle = std::chrono::milliseconds(300);
  Duration hang_timeout = std::chrono::seconds(20);
  Duration stop_timeout = std::chrono::seconds(5);
  std::vector<std::string> checks{};
  std::vector<std::string> expect{};
};

void add_consumer_options(CLI::App& command, ConsumerOptions& options);

// The options, and the command behind "--". What is expected changes in the settings' scenario.
Result<void> apply_consumer_options(const ConsumerOptions& options, TestRunSettings& settings);

}  // namespace autotape
