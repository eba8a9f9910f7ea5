// Streams that ask a consumer one question: how many messages, how long, how late?
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "run/search/limit.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"

namespace autotape {

enum class LimitProbe {
  dedup_messages,  // a message again, after so many others
  dedup_time,      // a message again, after so long by the wall clock
  lateness,        // a message so long after its time, in the tape's time
  rate,            // so many deliveries in a second
};

struct LimitProbeName {
  std::string_view name;
  LimitProbe probe;
  VariedValue::Unit unit;
  std::string_view what;
};
std::span<const LimitProbeName> limit_probes();
std::optional<LimitProbeName> limit_probe(std::string_view name);

// The messages of a scenario's tape without its stages, in memory, at most 100,000.
Result<std::vector<Delivery>> plain_deliveries(const Scenario& scenario);

// Makes of a plain stream the one that asks for `value`; changes rate and expectation of the
// scenario with it. A usage error if the stream is too short for the question.
Result<std::vector<Delivery>> probing_deliveries(LimitProbe probe, const VariedValue& value,
                                                 const std::vector<Delivery>& plain,
                                                 Scenario& scenario);

}  // namespace autotape
