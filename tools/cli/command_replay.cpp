// autotape replay: plays a tape or a scenario to a broker.
#include <algorithm>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/command_tape.hpp"
#include "cli/connection_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/replay_progress.hpp"
#include "cli/terminal.hpp"
#include "journal/ledger.hpp"
#include "json/document.hpp"
#include "mqtt/mqtt_publisher.hpp"
#include "replay/lane.hpp"
#include "replay/prefetch.hpp"
#include "replay/replayer.hpp"
#include "scenario/playing_time.hpp"
#include "scenario/scenario_plan.hpp"
#include "shape/plan.hpp"

namespace autotape {
namespace {

struct ReplayCommandOptions {
  ConnectionOptions connection;
  ReplayOptions replay;
  std::string input;
  std::string ledger;
  std::size_t publishers = 1;
  std::string shard;
  std::size_t in_flight = 200;
  bool start_paused = false;
  bool allow_remote_publish = false;
  bool force = false;
  bool json = false;
};

bool is_loopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24U) == 127;
  }
  return host == "localhost" || host == "::1";
}

Result<void> refuse_remote_host(const ReplayCommandOptions& options, const std::string& host) {
  if (options.allow_remote_publish || is_loopback(host)) {
    return {};
  }
  return usage_error(
      fmt::format("{} is not this machine, and replaying into production is rarely meant", host),
      "--allow-remote-publish if it is");
}

// "2/4": the second of four.
Result<std::unique_ptr<DeliverySource>> sharded(std::unique_ptr<DeliverySource> plan,
                                                const std::string& text) {
  if (text.empty()) {
    return plan;
  }
  unsigned number = 0;
  unsigned count = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%u/%u%c", &number, &count, &rest) != 2 || number == 0 ||
      number > count || count > 1000) {
    return usage_error(fmt::format("--shard {}: is no share of the cars", text),
                       "write 1/4, 2/4, 3/4 and 4/4 for four processes");
  }
  return std::unique_ptr<DeliverySource>(
      std::make_unique<Shard>(std::move(plan), number - 1, count));
}

Result<std::optional<LedgerWriter>> open_ledger(const ReplayCommandOptions& options,
                                                const Scenario& scenario) {
  if (options.ledger.empty()) {
    return std::optional<LedgerWriter>();
  }
  const LedgerHeader header{wall_now(),    "autotape " AUTOTAPE_VERSION, scenario.tape, {},
                            scenario.seed, scenario.rate.text()};
  AUTOTAPE_TRY_ASSIGN(auto ledger, LedgerWriter::create(options.ledger, header, options.force));
  return std::optional(std::move(ledger));
}

struct Replayed {
  ReplaySummary summary;
  TapeDamage damage;
};

ExitCode exit_code_of(const ReplaySummary& summary) {
  if (summary.refused > 0) {
    return ExitCode::connection;
  }
  if (summary.fell_behind) {
    return ExitCode::check_failed;
  }
  if (summary.unacknowledged() > 0) {
    return ExitCode::connection;
  }
  return summary.finished ? ExitCode::passed : ExitCode::loss;
}

void warn_of_faults(const Scenario& scenario) {
  const std::size_t faults = scenario.faults.size();
  if (faults > 0) {
    say(faults == 1
            ? "warning: 1 fault of the scenario is left out: 'autotape test' strikes it"
            : fmt::format(
                  "warning: {} faults of the scenario are left out: 'autotape test' strikes "
                  "them",
                  faults));
  }
}

Result<Replayed> replay(const ReplayCommandOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const Scenario scenario, scenario_of(options.input, options.replay));
  warn_of_faults(scenario);
  AUTOTAPE_TRY_ASSIGN(auto chosen,
                      choose_connection(options.connection, ConnectionRole::publisher));
  for (const std::string& warning : chosen.warnings) {
    say(warning);
  }
  AUTOTAPE_TRY(refuse_remote_host(options, chosen.client.host));
  // All shards rewrite the whole plan, so that they agree on whose message goes where and when.
  AUTOTAPE_TRY_ASSIGN(auto plan, plan_scenario(scenario));
  plan = rewritten_for(std::move(plan), scenario, {chosen.environment, chosen.app_id});
  AUTOTAPE_TRY_ASSIGN(plan, sharded(std::move(plan), options.shard));
  plan = std::make_unique<PrefetchedPlan>(std::move(plan));

  // Nothing is left at the broker: no other message will come to this session.
  chosen.client.clean_session = true;
  if (chosen.client.client_id.empty()) {
    chosen.client.client_id = fmt::format("autotape-replay-{}", ::getpid());
  }
  AUTOTAPE_TRY_ASSIGN(
      const auto publisher,
      MqttPublisher::connect({chosen.client, options.publishers}, interrupt_descriptor()));
  AUTOTAPE_TRY_ASSIGN(auto ledger, open_ledger(options, scenario));

  MachineReplayClock clock;
  ReplayProgress progress(expected_playing_time(scenario));
  ReplaySettings settings;
  settings.rate = scenario.rate;
  settings.most_in_flight = options.in_flight;
  settings.start_paused = options.start_paused;
  settings.max_lag = scenario.max_lag;
  Replayer replayer(*plan, *publisher, clock, settings, ledger ? &*ledger : nullptr, &progress);
  const auto played = replayer.run();
  progress.clear();
  if (!played) {
    say(describe_replay(replayer.summary()));
    return played.error();
  }
  if (ledger) {
    AUTOTAPE_TRY(ledger->close());
  }
  if (publisher->without_properties() > 0) {
    say(fmt::format("{} messages were sent without their MQTT 5 properties: use -V 5 to keep them",
                    publisher->without_properties()));
  }
  const bool finished = replayer.summary().finished;
  if (finished) {
    for (const std::string& idle : describe_idle_stages(*plan)) {
      say("warning: " + idle);
    }
  }
  return Replayed{replayer.summary(), finished ? plan->tape_damage() : TapeDamage()};
}

ExitCode run_replay(const ReplayCommandOptions& options) {
  const auto replayed = replay(options);
  if (!replayed) {
    return report_error(replayed.error());
  }
  const ReplaySummary& summary = replayed->summary;
  say(describe_replay(summary));
  if (options.json) {
    if (const auto printed = print(write_document_indented(replay_to_json(summary))); !printed) {
      return report_error(printed.error());
    }
  }
  ExitCode code = graver(exit_code_of(summary), report_damage(options.input, replayed->damage));
  if (summary.finished && options.shard.empty()) {
    code = graver(code, report_empty(options.input, summary.sent + summary.dropped));
  }
  return code;
}

}  // namespace

void add_replay_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<ReplayCommandOptions>();
  CLI::App& command =
      add_command(program, "replay", "Play a tape or a scenario to a broker",
                  "autotape replay commute.ndjson --rate 60 --duplicate 10% --reorder 8");
  command
      .add_option("INPUT", options->input,
                  "A tape, a scenario (.yaml; its faults are left out) or a plan (.plan)")
      ->required();
  add_connection_options(command, options->connection, ConnectionRole::publisher);
  add_replay_options(command, options->replay);
  add_duration_option(command, "--max-lag", options->replay.max_lag,
                      "End and fail when this far behind the schedule");
  command.add_option("--ledger", options->ledger,
                     "Write what was sent, when, and when it was acknowledged (NDJSON)");
  command.add_option("--in-flight", options->in_flight, "Most messages without PUBACK")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command
      .add_option("--publishers", options->publishers,
                  "Connections; a car's messages stay on one of them")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("--shard", options->shard, "Play the I-th of N shares of the cars: I/N");
  command.add_flag("--start-paused", options->start_paused, "Wait for the space key");
  command.add_flag("--allow-remote-publish", options->allow_remote_publish,
                   "Publish to a host that is not this machine");
  command.add_flag("--force", options->force, "Overwrite the ledger");
  command.add_flag("--json", options->json, "Print the summary as JSON");
  run_when_chosen(command, chosen, [options] { return run_replay(*options); });
}

}  // namespace autotape
