#include "record/recorder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "message/topic_filter.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

// What is received at once is synced at once: larger batches mean fewer syncs, and more that comes
// twice after a crash.
constexpr std::size_t largest_batch = 1000;

// Less than this is the clock being slewed.
constexpr Duration clock_jump = 500ms;

}  // namespace

Recorder::Recorder(Source& source, TapeWriter& tape, RecorderClock& clock, RecordObserver& observer,
                   RecorderSettings settings)
    : source_(source),
      tape_(tape),
      clock_(clock),
      observer_(observer),
      settings_(std::move(settings)) {}

Result<void> Recorder::run(const std::function<bool()>& stop) {
  began_ = clock_.monotonic();
  quiet_since_ = began_;
  synced_at_ = began_;
  wall_anchor_ = clock_.wall();
  connected_before_ = settings_.expects_session;
  while (!stop() && !limit_reached()) {
    AUTOTAPE_TRY(record_batch());
  }
  AUTOTAPE_TRY(mark(MarkerKind::recording_stopped));
  AUTOTAPE_TRY(tape_.close());
  source_.disconnect();
  return {};
}

Result<void> Recorder::record_batch() {
  RecordCounts before = counts_;
  if (auto taken = take_batch(); !taken) {
    counts_ = std::move(before);
    return taken;
  }
  if (!batch_.empty()) {
    source_.acknowledge();
  }
  observer_.on_progress(counts_);
  return {};
}

// All that comes at once, on tape and safe.
Result<void> Recorder::take_batch() {
  batch_.clear();
  Duration timeout = 1s;
  if (settings_.duration) {
    timeout = std::clamp(began_ + *settings_.duration - clock_.monotonic(), Duration(0), timeout);
  }
  AUTOTAPE_TRY(source_.receive(batch_, most_in_batch(), timeout));
  AUTOTAPE_TRY(check_wall_clock());
  watch_silence(!batch_.empty());
  for (SourceEvent& event : batch_) {
    AUTOTAPE_TRY(take(event));
  }
  return commit();
}

Result<void> Recorder::take(SourceEvent& event) {
  if (auto* message = std::get_if<Message>(&event)) {
    on_receiving();  // a kept session delivers before SUBACK
    return put_on_tape(*message);
  }
  if (const auto* connected = std::get_if<Connected>(&event)) {
    return on_connected(connected->session_present);
  }
  if (const auto* lost = std::get_if<Disconnected>(&event)) {
    return on_disconnected(*lost);
  }
  on_receiving();
  observer_.on_subscribed();
  return {};
}

Result<void> Recorder::put_on_tape(Message& message) {
  if (!wanted(message)) {
    return {};
  }
  count(message);
  recorded_.received = received_now();
  recorded_.message = std::move(message);
  return tape_.append(recorded_);
}

Result<void> Recorder::on_connected(bool session_present) {
  observer_.on_connected(session_present);
  if (connected_before_ && !session_present) {
    ++counts_.sessions_lost;
    AUTOTAPE_TRY(mark(MarkerKind::session_lost,
                      "the broker had not kept the session: messages may be missing"));
    observer_.on_session_lost();
  }
  connected_before_ = true;
  return mark(MarkerKind::connected, session_present ? "session kept" : "new session");
}

// An outage is one loss, however often the connection is tried again.
Result<void> Recorder::on_disconnected(const Disconnected& lost) {
  if (!lost.was_connected) {
    observer_.on_attempt_failed(lost.reason, lost.retry_in);
    return {};
  }
  receiving_ = false;
  ++counts_.connections_lost;
  AUTOTAPE_TRY(mark(MarkerKind::disconnected, lost.reason.line()));
  observer_.on_disconnected(lost.reason, lost.retry_in);
  return {};
}

void Recorder::on_receiving() {
  if (!receiving_) {
    receiving_ = received_before_ = true;
    quiet_since_ = clock_.monotonic();
    observer_.on_receiving();
  }
}

Result<void> Recorder::mark(MarkerKind kind, std::string detail) {
  return tape_.append(Marker{kind, received_now(), std::move(detail)});
}

// What the batch brought is as safe as an acknowledgement promises.
Result<void> Recorder::commit() {
  if (settings_.durability == Durability::synced) {
    return batch_.empty() ? Result<void>() : sync();
  }
  if (clock_.monotonic() - synced_at_ >= settings_.fast_sync) {
    return sync();
  }
  return batch_.empty() ? Result<void>() : tape_.flush();
}

Result<void> Recorder::sync() {
  const MonotonicTime before = clock_.monotonic();
  AUTOTAPE_TRY(tape_.sync());
  synced_at_ = clock_.monotonic();
  const Duration took = synced_at_ - before;
  if (took >= settings_.slow_sync) {
    observer_.on_slow_disk(took);
  }
  return {};
}

Result<void> Recorder::check_wall_clock() {
  const Duration offset = clock_.wall() - received_now();
  const Duration jump = offset - wall_offset_;
  wall_offset_ = offset;
  if (jump > -clock_jump && jump < clock_jump) {
    return {};
  }
  ++counts_.clock_jumps;
  observer_.on_clock_jump(jump);
  return mark(MarkerKind::clock_jumped,
              fmt::format("the wall clock was set by {}", format_duration(jump)));
}

bool Recorder::wanted(const Message& message) {
  if (message.retain && settings_.strip_retained) {
    ++counts_.retained_stripped;
    return false;
  }
  const auto matches = [&](const std::string& filter) {
    return topic_matches(filter, message.topic);
  };
  const bool included = settings_.include.empty() ||
                        std::any_of(settings_.include.begin(), settings_.include.end(), matches);
  if (!included || std::any_of(settings_.exclude.begin(), settings_.exclude.end(), matches)) {
    ++counts_.filtered;
    return false;
  }
  return true;
}

void Recorder::count(const Message& message) {
  ++counts_.messages;
  counts_.last_topic = message.topic;
  counts_.bytes += message.payload.size();
  counts_.redelivered += message.dup ? 1U : 0U;
  const auto envelope = envelope_.read(message.payload);
  if (!envelope) {
    ++counts_.unreadable;
    return;
  }
  counts_.repeated_ids += ids_.seen((*envelope)->message_id) ? 1U : 0U;
  if (const auto newest = (*envelope)->newest(); newest && newest > counts_.newest) {
    counts_.newest = newest;
  }
}

bool Recorder::limit_reached() const {
  return has_all() || (settings_.duration && clock_.monotonic() - began_ >= *settings_.duration);
}

bool Recorder::has_all() const {
  return (settings_.count && counts_.messages >= *settings_.count) ||
         (settings_.tape_size && tape_.size() >= *settings_.tape_size);
}

StreamAtEnd Recorder::stream_at_end() const {
  if (receiving_ || has_all()) {
    return StreamAtEnd::complete;
  }
  return received_before_ ? StreamAtEnd::lost : StreamAtEnd::never;
}

std::size_t Recorder::most_in_batch() const {
  if (!settings_.count) {
    return largest_batch;
  }
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(largest_batch, *settings_.count - counts_.messages));
}

void Recorder::watch_silence(bool received) {
  const MonotonicTime now = clock_.monotonic();
  if (received) {
    quiet_since_ = now;
    silence_said_ = false;
  } else if (receiving_ && !silence_said_ && now - quiet_since_ >= settings_.silence_after) {
    silence_said_ = true;
    observer_.on_silence(now - quiet_since_);
  }
}

// The wall clock as it was at the start plus what has passed since: received times never go back.
ReceivedTime Recorder::received_now() {
  return wall_anchor_ + (clock_.monotonic() - began_);
}

}  // namespace autotape
