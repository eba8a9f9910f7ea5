// Puts a stream on tape, and acknowledges a message only when it is on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/envelope.hpp"
#include "mqtt/source.hpp"
#include "record/recent_ids.hpp"
#include "tape/writer.hpp"

namespace autotape {

class RecorderClock {
 public:
  virtual ~RecorderClock() = default;
  virtual MonotonicTime monotonic() = 0;
  virtual ReceivedTime wall() = 0;
};

class SystemRecorderClock final : public RecorderClock {
 public:
  MonotonicTime monotonic() override { return monotonic_now(); }
  ReceivedTime wall() override { return wall_now(); }
};

// What is acknowledged: only what is on disk, or what the operating system has. The first loses
// nothing, whatever happens; the second loses what came in the last `fast_sync` if the machine (not
// only this program) stops, and spares the wait for the disk.
enum class Durability { synced, fast };

struct RecorderSettings {
  // When to stop; without any of them, only when asked to.
  std::optional<std::uint64_t> count;
  std::optional<Duration> duration;
  std::optional<std::uint64_t> tape_size;  // bytes

  // What is acknowledged but not put on tape.
  std::vector<std::string> include;  // topic filters; none: all
  std::vector<std::string> exclude;
  bool strip_retained = false;

  Durability durability = Durability::synced;
  Duration fast_sync = std::chrono::seconds(1);

  // This recording goes on where another one stopped, and expects its session.
  bool expects_session = false;

  Duration silence_after = std::chrono::seconds(10);
  Duration slow_sync = std::chrono::seconds(1);
};

// Of what is as safe as its acknowledgement promises.
struct RecordCounts {
  std::uint64_t messages = 0;      // on tape
  std::uint64_t bytes = 0;         // of their payloads
  std::uint64_t redelivered = 0;   // with the DUP flag
  std::uint64_t repeated_ids = 0;  // message_id seen among the last half million
  std::uint64_t unreadable = 0;    // no envelope
  std::uint64_t filtered = 0;      // by topic
  std::uint64_t retained_stripped = 0;
  std::uint64_t connections_lost = 0;
  std::uint64_t sessions_lost = 0;
  std::uint64_t clock_jumps = 0;
  std::optional<DataTime> newest;  // reading, for the lag
  std::string last_topic;
};

// How a recording stood with the stream when it ended.
enum class StreamAtEnd {
  complete,  // it received, or had all that it was to record
  lost,      // the connection, and it was not made again
  never,     // it was not subscribed at all
};

// Told what happens, as it happens.
class RecordObserver {
 public:
  virtual ~RecordObserver() = default;
  virtual void on_connected(bool /*session_present*/) {}
  // Subscribed, or a message of a kept session came before that; for each connection.
  virtual void on_receiving() {}
  virtual void on_subscribed() {}
  virtual void on_disconnected(const Error& /*reason*/, Duration /*retry_in*/) {}
  virtual void on_attempt_failed(const Error& /*reason*/, Duration /*retry_in*/) {}
  virtual void on_session_lost() {}
  virtual void on_silence(Duration /*since*/) {}  // once for each silence while subscribed
  virtual void on_slow_disk(Duration /*sync*/) {}
  virtual void on_clock_jump(Duration /*by*/) {}
  virtual void on_progress(const RecordCounts& /*counts*/) {}  // after each batch
};

class Recorder {
 public:
  Recorder(Source& source, TapeWriter& tape, RecorderClock& clock, RecordObserver& observer,
           RecorderSettings settings);

  // Records until a limit is reached or `stop` says so, then closes the tape and takes leave of the
  // broker. Both are looked at once a second. After an error, nothing that is not on disk has been
  // acknowledged; the tape is left as it is.
  Result<void> run(const std::function<bool()>& stop);

  const RecordCounts& counts() const { return counts_; }
  StreamAtEnd stream_at_end() const;

 private:
  Result<void> record_batch();
  Result<void> take_batch();
  Result<void> take(SourceEvent& event);
  Result<void> put_on_tape(Message& message);
  Result<void> on_connected(bool session_present);
  Result<void> on_disconnected(const Disconnected& lost);
  void on_receiving();
  Result<void> mark(MarkerKind kind, std::string detail = {});
  Result<void> commit();
  Result<void> sync();
  Result<void> check_wall_clock();
  bool wanted(const Message& message);
  void count(const Message& message);
  bool limit_reached() const;
  bool has_all() const;
  std::size_t most_in_batch() const;
  void watch_silence(bool received);
  ReceivedTime received_now();

  Source& source_;
  TapeWriter& tape_;
  RecorderClock& clock_;
  RecordObserver& observer_;
  RecorderSettings settings_;

  MonotonicTime began_;
  ReceivedTime wall_anchor_;  // the wall clock at began_
  Duration wall_offset_{0};   // how far the wall clock has gone away from the anchor
  MonotonicTime quiet_since_;
  MonotonicTime synced_at_;
  bool silence_said_ = false;
  bool connected_before_ = false;
  bool receiving_ = false;  // since the connection was made: subscribed, or a message came
  bool received_before_ = false;

  std::vector<SourceEvent> batch_;
  RecordedMessage recorded_;
  EnvelopeReader envelope_;
  RecentIds ids_;
  RecordCounts counts_;
};

}  // namespace autotape
