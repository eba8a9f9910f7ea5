// What a person sees of a replay and can do to it with the keyboard, and what is said at its end.
#pragma once

#include <optional>
#include <string>

#include <termios.h>

#include "cli/terminal.hpp"
#include "json/document.hpp"
#include "replay/replayer.hpp"

namespace autotape {

// Keys, where standard input is a terminal: space pauses, right and up double the rate, left and
// down halve it, n sends one delivery while paused, q ends.
class ReplayProgress final : public ReplayControl {
 public:
  // `expected` is how long the plan is, as far as one can tell, for the percentage.
  explicit ReplayProgress(std::optional<Duration> expected);
  ~ReplayProgress() override;  // the terminal is as it was
  ReplayProgress(const ReplayProgress&) = delete;
  ReplayProgress& operator=(const ReplayProgress&) = delete;

  void on_turn(Replayer& replayer) override;
  bool should_stop() const override;

  void clear() { line_.clear(); }

 private:
  void obey_keys(Replayer& replayer);
  std::string share_done(const ReplaySummary& summary) const;

  std::optional<Duration> expected_;
  ProgressLine line_;
  std::optional<termios> terminal_before_;
  MonotonicTime next_key_check_;
  std::uint64_t connections_lost_ = 0;
  bool quit_ = false;
};

// For people, on some lines.
std::string describe_replay(const ReplaySummary& summary);

// For machines; durations in nanoseconds.
Json replay_to_json(const ReplaySummary& summary);

}  // namespace autotape
