// Plays a delivery plan to a broker.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/duration_histogram.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "journal/ledger.hpp"
#include "mqtt/publisher.hpp"
#include "replay/pace.hpp"
#include "shape/delivery.hpp"

namespace autotape {

class ReplayClock {
 public:
  virtual ~ReplayClock() = default;
  virtual MonotonicTime now() = 0;
};

class MachineReplayClock final : public ReplayClock {
 public:
  MonotonicTime now() override { return monotonic_now(); }
};

struct ReplaySettings {
  ReplayRate rate{};
  std::size_t most_in_flight = 200;  // sent and not acknowledged
  bool start_paused = false;

  // Longer than this behind the schedule: the replay ends there and says so.
  std::optional<Duration> max_lag{};

  // For the last acknowledgements, once all is sent.
  Duration acknowledged_within = std::chrono::seconds(30);
  Duration stopped_within = std::chrono::seconds(30);  // the same, once its control stops it
};

// What a replay did. Grows while it runs.
struct ReplaySummary {
  std::uint64_t sent = 0;  // deliveries; those sent again count once
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;     // by an MQTT 5 broker
  std::uint64_t sent_again = 0;  // after a lost connection: the broker may have them twice
  std::uint64_t dropped = 0;     // by a stage of the shape
  std::uint64_t bytes = 0;       // of payload
  std::uint64_t connections_lost = 0;
  std::string last_connection_error;

  // Deliveries by what was done to them ("copied"), and drops by stage ("drop").
  std::map<std::string, std::uint64_t> by_action;
  std::map<std::string, std::uint64_t> by_dropping_stage;

  DurationHistogram lateness;  // sent behind due; empty at rate "max"
  Duration lag{};              // of the last delivery
  Duration elapsed{};          // until the last delivery was sent
  DueTime played_to{};         // in the plan
  bool finished = false;       // every delivery of the plan was sent
  bool fell_behind = false;    // beyond max_lag

  std::uint64_t unacknowledged() const { return sent - acknowledged - refused; }
  double rate_per_second() const;
};

class Replayer;

// Whoever runs a replayer and looks after it.
class ReplayControl {
 public:
  virtual ~ReplayControl() = default;

  // Called at least ten times a second and after whatever happened. May call pause(), step() and
  // the like.
  virtual void on_turn(Replayer& replayer) = 0;

  // No more deliveries, please; the replay ends when what is in flight is acknowledged.
  virtual bool should_stop() const = 0;
};

// Not thread-safe.
class Replayer {
 public:
  // All must outlive the replayer. `ledger` and `control` may be null.
  Replayer(DeliverySource& plan, Publisher& publisher, ReplayClock& clock, ReplaySettings settings,
           LedgerWriter* ledger, ReplayControl* control);

  // Plays until the plan's end, an interruption, or an error, which is final. The ledger is not
  // closed.
  Result<void> run();

  const ReplaySummary& summary() const { return summary_; }

  // By ReplayControl.
  void toggle_pause();
  void step();  // one delivery, while paused
  void multiply_rate(double factor);
  bool paused() const { return pace_ && pace_->paused(); }
  ReplayRate rate() const { return pace_ ? pace_->rate() : settings_.rate; }
  std::size_t in_flight() const { return in_flight_.size(); }

 private:
  struct InFlight {
    LedgerWriter::Line line;
    std::uint32_t sends = 1;
  };

  Result<void> fetch();
  Result<void> play_next(MonotonicTime now);
  Result<void> send(const Delivery& delivery, MonotonicTime due);
  Result<void> publish(const Delivery& delivery);
  Result<void> wait(MonotonicTime now);
  void handle(const PublisherEvent& event);
  void acknowledge(const PublishAcknowledged& acknowledged);
  void note_lateness(MonotonicTime due, MonotonicTime sent);
  void count(const Delivery& delivery);
  bool may_send() const;
  bool stopping() const;
  bool waited_long_enough(MonotonicTime now);
  std::optional<MonotonicTime> due_moment() const;
  SentTime since_start(MonotonicTime moment) const { return SentTime(moment - start_); }

  DeliverySource& plan_;
  Publisher& publisher_;
  ReplayClock& clock_;
  ReplaySettings settings_;
  LedgerWriter* ledger_;
  ReplayControl* control_;

  ReplaySummary summary_;
  std::optional<Pace> pace_;
  std::optional<Delivery> next_;
  std::size_t next_lane_ = 0;
  std::uint64_t fetched_ = 0;
  bool at_end_ = false;
  bool step_asked_ = false;
  bool draining_ = false;  // the window was full: wait until half of it is free
  MonotonicTime start_;
  std::optional<MonotonicTime> all_sent_;
  std::optional<MonotonicTime> stopped_;
  std::unordered_map<Ticket, InFlight> in_flight_;
  std::vector<PublisherEvent> events_;
  LedgerEntry entry_;
};

}  // namespace autotape
