#include "cli/replay_progress.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "cli/interrupt.hpp"
#include "core/quantity.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

std::string counts_by_kind(const ReplaySummary& summary) {
  std::string text;
  for (const auto& [action, count] : summary.by_action) {
    text += fmt::format(", {} {}", describe_count(count), action);
  }
  for (const auto& [stage, count] : summary.by_dropping_stage) {
    text += fmt::format(", {} dropped by {}", describe_count(count), stage);
  }
  return text;
}

Json counts_to_json(const std::map<std::string, std::uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) {
    json[name] = count;
  }
  return json;
}

}  // namespace

ReplayProgress::ReplayProgress(std::optional<Duration> expected) : expected_(expected) {
  termios settings{};
  if (::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp() &&
      ::tcgetattr(STDIN_FILENO, &settings) == 0) {
    terminal_before_ = settings;
    settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  }
}

ReplayProgress::~ReplayProgress() {
  if (terminal_before_) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &*terminal_before_);
  }
}

void ReplayProgress::on_turn(Replayer& replayer) {
  const ReplaySummary& summary = replayer.summary();
  if (summary.connections_lost != connections_lost_) {
    connections_lost_ = summary.connections_lost;
    line_.clear();
    say(fmt::format("connection lost: {}; trying again", summary.last_connection_error));
  }
  const MonotonicTime now = monotonic_now();
  if (terminal_before_ && now >= next_key_check_) {
    next_key_check_ = now + 50ms;
    obey_keys(replayer);
  }
  if (line_.due()) {
    const ReplayRate rate = replayer.rate();
    line_.show(fmt::format(
        "{}{} at {}{}  {} sent, {:.0f}/s, lag {}, {} in flight{}{}",
        describe_duration(summary.played_to.time_since_epoch()), share_done(summary), rate.text(),
        rate.kind == ReplayRate::Kind::multiple ? "x" : "", describe_count(summary.sent),
        summary.rate_per_second(), describe_duration(summary.lag), replayer.in_flight(),
        replayer.paused() ? "  PAUSED" : "", counts_by_kind(summary)));
  }
}

// Delays make a plan longer than its tape: not all until it is.
std::string ReplayProgress::share_done(const ReplaySummary& summary) const {
  if (!expected_ || *expected_ <= Duration(0)) {
    return "";
  }
  const auto percent = summary.played_to.time_since_epoch() * 100 / *expected_;
  return fmt::format(" ({} %)", std::min<std::int64_t>(percent, summary.finished ? 100 : 99));
}

bool ReplayProgress::should_stop() const {
  return quit_ || interrupted();
}

void ReplayProgress::obey_keys(Replayer& replayer) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, 0) != 1 || (input.revents & POLLIN) == 0) {
    return;
  }
  std::array<char, 64> keys{};
  const ssize_t count = ::read(STDIN_FILENO, keys.data(), keys.size());
  for (ssize_t i = 0; i < count; ++i) {
    const char key = keys[static_cast<std::size_t>(i)];
    // An arrow is ESC [ and a letter.
    const bool arrow =
        key == '\x1B' && i + 2 < count && keys[static_cast<std::size_t>(i + 1)] == '[';
    if (arrow) {
      i += 2;
      const char direction = keys[static_cast<std::size_t>(i)];
      replayer.multiply_rate(direction == 'A' || direction == 'C' ? 2 : 0.5);
    } else if (key == ' ') {
      replayer.toggle_pause();
    } else if (key == 'n') {
      replayer.step();
    } else if (key == 'q') {
      quit_ = true;
    }
  }
}

std::string describe_replay(const ReplaySummary& summary) {
  std::string text =
      fmt::format("{} deliveries in {} ({:.0f}/s), {} acknowledged{}", describe_count(summary.sent),
                  describe_duration(summary.elapsed), summary.rate_per_second(),
                  describe_count(summary.acknowledged), counts_by_kind(summary));
  if (summary.lateness.count() > 0) {
    text += fmt::format("; late by {} (p50), {} (p99), {} (max)",
                        describe_duration(summary.lateness.quantile(0.5)),
                        describe_duration(summary.lateness.quantile(0.99)),
                        describe_duration(summary.lateness.greatest()));
  }
  if (summary.connections_lost > 0) {
    text += fmt::format("; connection lost {} times, {} sent again: the broker may have them twice",
                        summary.connections_lost, describe_count(summary.sent_again));
  }
  if (summary.refused > 0) {
    text += fmt::format("; {} refused by the broker", describe_count(summary.refused));
  }
  if (summary.unacknowledged() > 0) {
    text += fmt::format("; {} never acknowledged", describe_count(summary.unacknowledged()));
  }
  if (summary.fell_behind) {
    text += fmt::format("; ended because it was {} behind the schedule",
                        describe_duration(summary.lag));
  } else if (!summary.finished) {
    text += "; ended before the end of the plan";
  }
  return text;
}

Json replay_to_json(const ReplaySummary& summary) {
  Json json;
  json["sent"] = summary.sent;
  json["acknowledged"] = summary.acknowledged;
  json["unacknowledged"] = summary.unacknowledged();
  json["refused"] = summary.refused;
  json["sent_again"] = summary.sent_again;
  json["dropped"] = summary.dropped;
  json["bytes"] = summary.bytes;
  json["connections_lost"] = summary.connections_lost;
  json["by_action"] = counts_to_json(summary.by_action);
  json["by_dropping_stage"] = counts_to_json(summary.by_dropping_stage);
  json["rate_per_second"] = summary.rate_per_second();
  json["elapsed"] = summary.elapsed.count();
  json["played_to"] = summary.played_to.time_since_epoch().count();
  json["lag"] = summary.lag.count();
  json["lateness"] = {{"p50", summary.lateness.quantile(0.5).count()},
                      {"p99", summary.lateness.quantile(0.99).count()},
                      {"max", summary.lateness.greatest().count()}};
  json["finished"] = summary.finished;
  json["fell_behind"] = summary.fell_behind;
  return json;
}

}  // namespace autotape
