// autotape broker events | wait
#include <memory>

#include <fmt/format.h>

#include "cli/broker_options.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "mockbroker/harness/broker.hpp"

namespace autotape {
namespace {

constexpr Duration look_interval = std::chrono::milliseconds(100);

struct EventOptions {
  std::string directory;
  std::string event;
  std::string client;
  Duration timeout = std::chrono::seconds(30);
  std::uint64_t count = 1;
  bool follow = false;
  bool since_now = false;
};

Result<BrokerEventFollower> open_events(const EventOptions& options, EventStart start) {
  return BrokerEventFollower::open(StateDirectory(options.directory).events_file(), start);
}

// To the end of what is there; with --follow until the broker has ended or Ctrl-C.
Result<void> show_events(const EventOptions& options) {
  AUTOTAPE_TRY_ASSIGN(auto events, open_events(options, EventStart::beginning));
  while (!interrupted() && !output_is_closed()) {
    const bool running = options.follow && broker_runs_in(options.directory);
    AUTOTAPE_TRY_ASSIGN(const auto event, events.next(running ? look_interval : Duration::zero()));
    if (event) {
      AUTOTAPE_TRY(print(write_broker_event(*event) + "\n"));
    } else if (!running) {
      break;
    } else {
      AUTOTAPE_TRY(finish_output());
    }
  }
  return {};
}

// Counts from the beginning of the log, so that nothing is missed that happened before the command
// began.
Result<bool> wait_for(const EventOptions& options, BrokerEventKind kind) {
  const EventStart start = options.since_now ? EventStart::now : EventStart::beginning;
  AUTOTAPE_TRY_ASSIGN(auto events, open_events(options, start));
  const MonotonicTime deadline = monotonic_now() + options.timeout;
  std::uint64_t seen = 0;
  while (!interrupted()) {
    const Duration left = std::max(deadline - monotonic_now(), Duration::zero());
    AUTOTAPE_TRY_ASSIGN(const auto event, events.next(std::min(left, look_interval)));
    if (event && event->kind == kind &&
        (options.client.empty() || event->client == options.client) && ++seen == options.count) {
      AUTOTAPE_TRY(print(write_broker_event(*event) + "\n"));
      return true;
    }
    if (!event && left == Duration::zero()) {
      break;
    }
  }
  return false;
}

ExitCode wait(const EventOptions& options) {
  const auto kind = broker_event_kind(options.event);
  if (!kind) {
    return report_error(usage_error(fmt::format("there is no event '{}'", options.event),
                                    "'autotape broker wait --help' lists them"));
  }
  const auto found = wait_for(options, *kind);
  if (!found) {
    return report_error(found.error());
  }
  if (!*found) {
    say(fmt::format("no event '{}'{} within {}", options.event,
                    options.client.empty() ? "" : " of " + options.client,
                    describe_duration(options.timeout)));
    return ExitCode::check_failed;
  }
  return ExitCode::passed;
}

std::string event_names() {
  std::string names;
  for (int i = 0; i <= static_cast<int>(BrokerEventKind::fault); ++i) {
    names +=
        fmt::format("{}{}", names.empty() ? "" : ", ", name_of(static_cast<BrokerEventKind>(i)));
  }
  return names;
}

}  // namespace

void add_broker_event_commands(CLI::App& broker, Action& chosen) {
  const auto showing = std::make_shared<EventOptions>();
  CLI::App& events =
      add_command(broker, "events", "What happened at the broker, one JSON object a line",
                  "autotape broker events --follow | jq .event");
  add_directory_option(events, showing->directory);
  events.add_flag("--follow", showing->follow, "Go on until the broker ends, or Ctrl-C");
  run_when_chosen(events, chosen, [showing] { return report(show_events(*showing)); });

  const auto waiting = std::make_shared<EventOptions>();
  CLI::App& command =
      add_command(broker, "wait", "Until an event has happened; prints it. Exit 4 if it does not",
                  "autotape broker wait subscribed --client CLIENT --timeout 5s");
  add_directory_option(command, waiting->directory);
  command.add_option("EVENT", waiting->event, "One of " + event_names())->required();
  command.add_option("--client", waiting->client, "Of this client");
  command.add_option("--count", waiting->count, "The how manieth")->capture_default_str();
  command.add_flag("--since-now", waiting->since_now, "Do not count what has happened before");
  add_duration_option(command, "--timeout", waiting->timeout, "How long (default: 30s)");
  run_when_chosen(command, chosen, [waiting] { return wait(*waiting); });
}

}  // namespace autotape
