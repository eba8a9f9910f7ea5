// A run as its folder has it: what was delivered, which faults struck, and what came of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "report/run_report.hpp"
#include "run/manifest.hpp"
#include "scenario/scenario.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// What a delivery is about. Empty where its payload does not tell.
struct DeliverySubject {
  std::string message_id{};
  std::string car{};
  std::vector<std::string> readings{};  // as Finding::reading
};

struct RecordedRun {
  Manifest manifest{};
  std::vector<Delivery> deliveries{};       // in memory, all of them
  std::vector<DeliverySubject> subjects{};  // of each
  std::vector<std::string> stage_names{};
  std::vector<TimedFault> faults{};  // all have their place among the deliveries, or wait for an
                                     // event
  RunReport report{};
};

Result<RecordedRun> read_recorded_run(const std::string& folder);

// Which part of a recorded run is played again.
struct Part {
  std::vector<std::size_t> deliveries{};  // ascending places in RecordedRun::deliveries
  std::vector<std::size_t> faults{};
  std::vector<Duration> due{};  // of each chosen delivery, ascending, the first is 0
  ReplayRate rate{};
};

// Everything, as it was.
Part whole_of(const RecordedRun& run);

// Only these deliveries of the part, with their due times.
Part with_deliveries(const Part& part, const std::vector<std::size_t>& deliveries);

// What is played, and when: numbered anew, the faults at their places among what is left.
std::vector<Delivery> deliveries_of(const RecordedRun& run, const Part& part);
std::vector<TimedFault> faults_of(const RecordedRun& run, const Part& part);

// Plays deliveries that are there already.
std::unique_ptr<DeliverySource> plan_of_deliveries(std::vector<Delivery> deliveries,
                                                   std::vector<std::string> stage_names);

}  // namespace autotape
