// The consumers under test as programs: how they are started and ended, and how they behave.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "journal/observation_log.hpp"
#include "run/change_signal.hpp"
#include "run/consumer.hpp"
#include "run/manifest.hpp"
#include "run/test_broker.hpp"
#include "run/test_run.hpp"
#include "run/unobserved_messages.hpp"

namespace autotape {

struct TestedConsumer {
  std::unique_ptr<Consumer> consumer;
  ConsumerConduct conduct;
  std::vector<std::pair<std::string, std::string>> settings;  // as ConsumerSettings::settings
  std::optional<MonotonicTime> starts_again;                  // it is stopped on purpose until then
  MonotonicTime undisturbed_since{};  // no fault keeps it away from then on; may lie ahead
  bool expired = false;               // a fault let its certificate expire: it cannot come back
  bool flooded = false;               // wrote more than anybody can read

  bool faulty() const { return !conduct.fault.empty(); }
  const std::string& client_id() const { return conduct.client_id; }
};

// Not thread-safe. What it is made of must outlive it.
class TestedConsumers {
 public:
  TestedConsumers(const TestRunSettings& settings, ChangeSignal& changed,
                  UnobservedMessages& unobserved, TestRunListener& listener)
      : settings_(settings), changed_(changed), unobserved_(unobserved), listener_(listener) {}

  // As many as the scenario wants, each with a bundle of its own; where there is no command, the
  // listener is told what to start.
  Result<void> start(const TestBroker& broker, const RunFiles& files, ObservationLog& log);

  // Are they started by somebody else?
  bool external() const { return settings_.command.empty(); }

  std::vector<TestedConsumer>::iterator begin() { return all_.begin(); }
  std::vector<TestedConsumer>::iterator end() { return all_.end(); }
  std::vector<TestedConsumer>::const_iterator begin() const { return all_.begin(); }
  std::vector<TestedConsumer>::const_iterator end() const { return all_.end(); }

  bool all(const std::function<bool(const TestedConsumer&)>& is_it) const;
  bool any_fault() const;

  // One that ends on its own fails, and so does one of which the listener says so. True if one has
  // ended since the last call.
  bool note_ends(std::string_view when);

  // One that writes more observations than can be meant fails.
  void note_floods(std::uint64_t published);

  // Starts those whose time to come back has come.
  Result<void> start_again();

  // Ends all, reads what they observed last, and asks for their state where that is asked for and
  // the run is not interrupted.
  Result<void> stop();

 private:
  std::string failure_of(TestedConsumer& tested, std::string_view when) const;
  Result<void> ask_for_state(TestedConsumer& tested);

  const TestRunSettings& settings_;
  ChangeSignal& changed_;
  UnobservedMessages& unobserved_;
  TestRunListener& listener_;
  ObservationLog* log_ = nullptr;
  std::optional<RunFiles> files_;
  std::vector<TestedConsumer> all_;
};

}  // namespace autotape
