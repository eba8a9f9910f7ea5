// What `autotape record` says while it goes on, and notes of the session that it leaves.
#pragma once

#include <cstdint>
#include <string>

#include "cli/connection_options.hpp"
#include "cli/own_sessions.hpp"
#include "cli/terminal.hpp"
#include "core/time.hpp"
#include "record/recorder.hpp"
#include "tape/recording.hpp"

namespace autotape {

// `recording` is kept as soon as it receives.
class RecordProgress final : public RecordObserver {
 public:
  RecordProgress(ChosenConnection connection, std::string tape, OpenRecording& recording)
      : connection_(std::move(connection)), tape_(std::move(tape)), recording_(recording) {}

  void on_connected(bool session_present) override;
  void on_receiving() override;
  void on_subscribed() override;
  void on_disconnected(const Error& reason, Duration retry_in) override;
  void on_attempt_failed(const Error& reason, Duration retry_in) override;
  void on_session_lost() override;
  void on_silence(Duration since) override;
  void on_slow_disk(Duration sync) override;
  void on_clock_jump(Duration by) override;
  void on_progress(const RecordCounts& counts) override;

  void clear() { line_.clear(); }

 private:
  void note_session(const OwnSession& session);
  void tell(const std::string& text);

  ChosenConnection connection_;
  std::string tape_;
  OpenRecording& recording_;
  bool connected_ = false;
  ProgressLine line_;
  MonotonicTime measured_at_ = monotonic_now();
  std::uint64_t measured_ = 0;  // messages until then
  double rate_ = 0;             // messages a second
};

}  // namespace autotape
