// Broker, consumer and replay together: what `autotape test` does, without a word to anybody.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "run/consumer.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"

namespace autotape {

class TestBroker;

struct TestRunSettings {
  Scenario scenario;

  // What is played, instead of the scenario's own plan; the broker's names are put in afterwards.
  std::function<Result<std::unique_ptr<DeliverySource>>()> make_plan{};

  std::vector<std::string> command;  // of each consumer; {host}-like placeholders are replaced
  ObservationChannel channel = ObservationChannel::file;
  std::vector<std::string> state_command;  // prints `state` lines when all is over; may be empty

  Duration start_timeout = std::chrono::seconds(30);  // until each consumer has subscribed
  Duration settle = std::chrono::milliseconds(300);   // of quiet, once everything is acknowledged;
                                                      // longer where observations are missing
  Duration hang_timeout = std::chrono::seconds(20);   // without progress, with messages outstanding
  Duration stop_timeout = std::chrono::seconds(5);    // from SIGTERM to SIGKILL
  std::uint64_t most_observations = 0;  // lines of one consumer: more is a flood. 0: 100,000 and
                                        // 100 for each delivery

  // Into the manifest as they are.
  std::string tool;
  std::vector<std::string> command_line;
};

// What a run tells while it goes on. Called in the thread that runs it.
class TestRunListener {
 public:
  virtual ~TestRunListener() = default;
  virtual void on_phase(const std::string& phase) = 0;  // "waiting for the consumer to subscribe"

  // For a consumer that is started elsewhere: its settings, when there is no command.
  virtual void on_settings(std::uint32_t consumer,
                           const std::vector<std::pair<std::string, std::string>>& settings) = 0;

  // Why such a consumer has failed as a program; empty while it has not.
  virtual std::string failure_of(std::uint32_t consumer) const {
    static_cast<void>(consumer);
    return {};
  }

  // What makes the run worth less than it looks: "stage 2 (duplicate) touched no message".
  virtual void on_warning(const std::string& /*text*/) {}

  virtual bool should_stop() const = 0;
};

// Writes everything that verify_run() needs to `folder`, which must be empty or absent. An error
// means that the run could not be made; a consumer that fails is none. Leaves no process but the
// broker's behind, and the broker as new. For the metamorphic check the clean stream is played as
// well, after the other one.
Result<void> run_test(const TestRunSettings& settings, TestBroker& broker,
                      const std::string& folder, TestRunListener& listener);

// The same with a broker of its own.
Result<void> run_test(const TestRunSettings& settings, const std::string& folder,
                      TestRunListener& listener);

}  // namespace autotape
