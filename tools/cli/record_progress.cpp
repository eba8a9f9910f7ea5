#include "cli/record_progress.hpp"

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"

namespace autotape {
namespace {

// How far behind now the newest reading is.
std::string lag(const RecordCounts& counts) {
  if (!counts.newest) {
    return {};
  }
  const Duration lag = wall_now().time_since_epoch() - counts.newest->time_since_epoch();
  return fmt::format(", newest reading {} ago", describe_duration(lag));
}

// The end of the last message's topic: car, capability and property.
std::string last(const RecordCounts& counts) {
  constexpr std::size_t shown = 50;
  const std::string_view topic = counts.last_topic;
  return topic.empty()
             ? ""
             : ", last: " +
                   printable(topic.substr(topic.size() > shown ? topic.size() - shown : 0));
}

}  // namespace

// From now on there is a session, of whatever filter it was.
void RecordProgress::on_connected(bool session_present) {
  if (!session_present) {
    note_session({});
  } else if (!connected_ && recording_.is_new) {
    tell(
        "the broker kept the session of an earlier recording: what it has queued since then "
        "comes first (--end-session leaves none behind)");
  }
  connected_ = true;
}

void RecordProgress::on_receiving() {
  recording_.files.keep();
}

void RecordProgress::on_subscribed() {
  note_session({connection_.topic_filter});
  tell(fmt::format("recording {} from {} to {}", printable(connection_.topic_filter, 200),
                   connection_.client.address(), tape_));
}

void RecordProgress::on_disconnected(const Error& reason, Duration retry_in) {
  tell(fmt::format("connection lost: {}; next attempt in {}", reason.line(),
                   describe_duration(retry_in)));
}

void RecordProgress::on_attempt_failed(const Error& reason, Duration retry_in) {
  tell(fmt::format("still not connected: {}; next attempt in {}", reason.line(),
                   describe_duration(retry_in)));
}

void RecordProgress::on_session_lost() {
  tell("the broker had not kept the session: messages may be missing (marked on the tape)");
}

void RecordProgress::on_silence(Duration since) {
  tell(fmt::format(
      "nothing has arrived for {}. Does anything send to \"{}\"? Check the environment (live or "
      "sandbox), the App ID, whether a car has granted access or the simulator runs, and that no "
      "other client uses this certificate",
      describe_duration(since), printable(connection_.topic_filter, 200)));
}

void RecordProgress::on_slow_disk(Duration sync) {
  tell(fmt::format("the disk is slow: a sync took {}; reading waits for it",
                   describe_duration(sync)));
}

void RecordProgress::on_clock_jump(Duration by) {
  tell(fmt::format("the wall clock was set by {}; received times go on without the jump",
                   describe_duration(by)));
}

void RecordProgress::on_progress(const RecordCounts& counts) {
  if (!line_.due()) {
    return;
  }
  const MonotonicTime now = monotonic_now();
  if (now - measured_at_ >= std::chrono::seconds(1)) {
    const double seconds = std::chrono::duration<double>(now - measured_at_).count();
    rate_ = static_cast<double>(counts.messages - measured_) / seconds;
    measured_ = counts.messages;
    measured_at_ = now;
  }
  line_.show(fmt::format("{} messages, {:.0f}/s, {} duplicates{}{}",
                         describe_count(counts.messages), rate_,
                         describe_count(counts.repeated_ids), lag(counts), last(counts)));
}

// Of a mock broker every session is ours, and it is gone with its folder.
void RecordProgress::note_session(const OwnSession& session) {
  if (!connection_.is_mock_broker) {
    note_own_session(connection_.client, session);
  }
}

void RecordProgress::tell(const std::string& text) {
  line_.clear();
  say(text);
}

}  // namespace autotape
