#include "cli/consumer_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "core/text.hpp"
#include "verify/expectation_json.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 6> check_names{"completeness", "dedup",       "order",
                                                      "state",        "metamorphic", "latency"};

// The scenario's expectation, with what the command line says instead.
Result<Expectation> expectation_of(const ConsumerOptions& options, const Expectation& scenario) {
  Json json = expectation_to_json(scenario);
  for (const std::string& check : options.checks) {
    const std::vector<std::string_view> known(check_names.begin(), check_names.end());
    if (std::find(known.begin(), known.end(), check) == known.end()) {
      const auto nearest = nearest_name(check, known);
      return usage_error(fmt::format("--check {}: there is no such check", printable(check, 40)),
                         nearest ? fmt::format("did you mean {}?", *nearest)
                                 : fmt::format("there are {}", fmt::join(known, ", ")));
    }
    json[check] = "required";
  }
  for (const std::string& member : options.expect) {
    const std::size_t equals = member.find('=');
    if (equals == std::string::npos) {
      return usage_error(fmt::format("--expect {}: has no '='", member),
                         "write it like --expect order_rule=latest-wins");
    }
    Json one;
    one[member.substr(0, equals)] = member.substr(equals + 1);
    if (const auto read = expectation_from_json(one, {}); !read) {
      return usage_error(fmt::format("--expect {}: {}", printable(member, 80), read.error().what),
                         read.error().advice);
    }
    json.update(one);
  }
  return expectation_from_json(json, "--expect");
}

}  // namespace

void add_consumer_options(CLI::App& command, ConsumerOptions& options) {
  command.add_option("--consumers", options.consumers, "Start so many, each with its own bundle")
      ->check(CLI::Range(1, 100));
  command
      .add_option("--observations", options.observations,
                  "How the consumer hands over its observations: file, pipe, stdout, http")
      ->check(CLI::IsMember({"file", "pipe", "stdout", "http"}));
  command.add_option("--state-command", options.state_command,
                     "Shell command that prints state lines when all is over");
  add_duration_option(command, "--start-timeout", options.start_timeout,
                      "How long the consumer may take to subscribe");
  add_duration_option(
      command, "--settle", options.settle,
      "How long all must be quiet at the end; 7 times as long where observations are missing");
  add_duration_option(
      command, "--hang-timeout", options.hang_timeout,
      "How long the consumer may leave messages unacknowledged, or write observations "
      "after all are");
  add_duration_option(command, "--stop-timeout", options.stop_timeout,
                      "From SIGTERM to SIGKILL at the end");
  command.add_option("--check", options.checks,
                     fmt::format("Require a check: {}", fmt::join(check_names, ", ")));
  command.add_option("--expect", options.expect, "Change what is expected: order_rule=latest-wins")
      ->type_name("MEMBER=VALUE");
}

Result<void> apply_consumer_options(const ConsumerOptions& options, TestRunSettings& settings) {
  Scenario& scenario = settings.scenario;
  AUTOTAPE_TRY_ASSIGN(scenario.expect, expectation_of(options, scenario.expect));
  scenario.consumers = options.consumers.value_or(scenario.consumers);
  settings.command = arguments_after_double_dash();
  settings.channel = observation_channel(options.observations).value_or(ObservationChannel::file);
  if (!options.state_command.empty()) {
    settings.state_command = {"sh", "-c", options.state_command};
  }
  settings.start_timeout = options.start_timeout;
  settings.settle = options.settle;
  settings.hang_timeout = options.hang_timeout;
  settings.stop_timeout = options.stop_timeout;
  settings.tool = "autotape " AUTOTAPE_VERSION;
  return {};
}

}  // namespace autotape
