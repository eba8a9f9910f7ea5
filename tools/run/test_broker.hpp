// One mock broker for many runs, one after another: each finds it as new.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "journal/broker_event.hpp"
#include "mockbroker/harness/broker.hpp"
#include "run/temporary_folder.hpp"

namespace autotape {

// Ends with its handle, and with this process however that dies. Not thread-safe.
class TestBroker {
 public:
  // On a port that the system chooses. `program` is autotape, where this program is another one.
  static Result<TestBroker> start(StreamVersion stream, const std::string& program = {});

  const BrokerConnection& connection() const { return broker_.connection(); }

  // At least `count`; new ones are issued where there are too few that can be used.
  Result<std::vector<Bundle>> consumer_bundles(std::uint32_t count) const;

  Result<void> inject(const Fault& fault) const { return broker_.inject(fault); }

  // Is the client connected, now or within `timeout`?
  Result<bool> has_connected(const std::string& client, Duration timeout) const;

  // No session, no queued or retained message, no fault is left of the run before. Gives the new
  // run's events.
  Result<BrokerEventFollower> begin_run();

  // Ends all connections, and keeps what happened since begin_run() in `events_file`.
  Result<void> end_run(const std::string& events_file);

 private:
  TestBroker(TemporaryFolder folder, Broker broker)
      : folder_(std::move(folder)), broker_(std::move(broker)) {}

  TemporaryFolder folder_;  // goes when the broker is gone
  Broker broker_;
  bool is_new_ = true;
};

}  // namespace autotape
