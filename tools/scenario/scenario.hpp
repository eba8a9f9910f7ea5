// A scenario: one story of a stream that misbehaves. What is played, how, and what a consumer must
// do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "generate/fleet.hpp"
#include "json/document.hpp"
#include "message/topic.hpp"
#include "replay/pace.hpp"
#include "replay/rewrite.hpp"
#include "shape/selection.hpp"
#include "shape/shape.hpp"
#include "verify/expectation.hpp"

namespace autotape {

// Something done to the broker or the consumer while the plan is played. Exactly one of the three
// moments is given.
struct TimedFault {
  std::optional<DueTime> at{};                      // in the plan
  std::optional<std::uint64_t> after_deliveries{};  // sent
  std::optional<std::string> on_event{};  // of the broker: "connected", "redelivered", …
  std::optional<Duration> pause{};        // after that moment, in the plan's time

  // {"fault":"restart","kill":true} as the mock broker reads it, or {"consumer":"restart"}, "kill",
  // {"consumer":"stop","for":"30s"}, {"consumer":"takeover","for":"5s"}. Clients are named
  // "consumer", or by client id.
  Json what{};
};

struct Scenario {
  std::string file{};  // empty: made from the command line alone
  std::string name{};
  std::string description{};
  std::vector<std::string> labels{};
  std::uint64_t seed = 1;
  StreamVersion stream = StreamVersion::v1;

  std::string tape{};  // path, with the scenario's folder before it; empty if generated
  std::optional<FleetSettings> generated{};

  ReplayRate rate{};
  Selection selection{};
  Rewrite remap{};
  bool restamp = false;  // data times begin at remap.first_data_time, or when the replay begins
  std::optional<Duration> max_lag{};

  Shape shape{};
  std::vector<TimedFault> faults{};
  Expectation expect{};
  std::uint32_t consumers = 1;
};

}  // namespace autotape
