// Plays a scenario to a consumer on a mock broker, and judges what it did.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "autotape/error.hpp"
#include "autotape/mock_broker.hpp"
#include "autotape/scenario.hpp"
#include "autotape/tape.hpp"
#include "autotape/verdict.hpp"

namespace autotape::api {

struct RunOptions {
  std::string folder{};  // keeps the run here, in an empty or absent folder; empty: not kept
  std::chrono::milliseconds settle{300};            // of quiet at the end
  std::chrono::milliseconds start_timeout{30'000};  // until the consumer has subscribed
  std::chrono::milliseconds hang_timeout{20'000};   // without progress
  std::string program = AUTOTAPE_PROGRAM;
};

// A consumer that is a program: it finds its settings in the environment, and {host}-like
// placeholders in `command` (fixtures/consumers/README.md). Throws Error if the run cannot be made.
Verdict run(const Scenario& scenario, const std::vector<std::string>& command,
            const RunOptions& options = {});

// Says what a consumer in this process has done. Thread-safe.
class Observer {
 public:
  virtual ~Observer() = default;

  // This message was handled.
  void handled(std::string_view message_id);

  // Any observation: one JSON object, as fixtures/consumers/README.md describes it.
  virtual void observe(std::string_view json) = 0;
};

struct Delivered {
  std::string topic;
  std::string payload;
  std::uint32_t consumer = 1;  // to which it was delivered, where the scenario has several
};

// A consumer in this process, without an MQTT client of its own: `handle` is called for each
// message that the broker delivers, in threads of the library, one at a time. It is acknowledged
// when the call returns; an exception that leaves it fails the consumer. A scenario with several
// consumers has as many here; one that restarts consumers cannot: such a fault does not strike.
Verdict observe(const Scenario& scenario,
                const std::function<void(const Delivered&, Observer&)>& handle,
                const RunOptions& options = {});

}  // namespace autotape::api
