#include "run/search/recorded_run.hpp"

#include <algorithm>
#include <numeric>

#include "message/envelope.hpp"
#include "message/topic.hpp"
#include "run/delivery_log.hpp"
#include "run/verify_run.hpp"
#include "shape/match.hpp"
#include "verify/expected_state.hpp"

namespace autotape {
namespace {

class DeliveryList final : public DeliverySource {
 public:
  DeliveryList(std::vector<Delivery> deliveries, std::vector<std::string> stage_names)
      : deliveries_(std::move(deliveries)), stage_names_(std::move(stage_names)) {}

  Result<std::optional<PlanItem>> next() override {
    if (given_ == deliveries_.size()) {
      return std::optional<PlanItem>();
    }
    return std::optional<PlanItem>(deliveries_[given_++]);
  }
  const std::vector<std::string>& stage_names() const override { return stage_names_; }

 private:
  std::vector<Delivery> deliveries_;
  std::vector<std::string> stage_names_;
  std::size_t given_ = 0;
};

DeliverySubject subject_of(const Delivery& delivery, EnvelopeReader& envelopes) {
  DeliverySubject subject;
  subject.car = autotape::subject_of(*delivery.content).vin;
  if (const auto envelope = envelopes.read(delivery.content->payload)) {
    subject.message_id = (*envelope)->message_id;
    subject.car = (*envelope)->vin;
    for (const Reading& reading : (*envelope)->readings) {
      subject.readings.push_back(
          name_of_key((*envelope)->vin, reading.capability, reading.property, reading.item));
    }
  }
  return subject;
}

std::vector<TimedFault> faults_that_struck(const Manifest& manifest) {
  std::vector<TimedFault> faults;
  for (std::size_t i = 0; i < manifest.faults.size(); ++i) {
    if (i >= manifest.fates.size() || manifest.fates[i].struck) {
      faults.push_back(manifest.faults[i]);
    }
  }
  return faults;
}

// Faults at a time strike after the deliveries that are due before it: a place that is the same
// however fast it is played.
void give_places(RecordedRun& run) {
  for (TimedFault& fault : run.faults) {
    if (fault.at) {
      const auto first_after =
          std::find_if(run.deliveries.begin(), run.deliveries.end(),
                       [&](const Delivery& delivery) { return delivery.due >= *fault.at; });
      fault.after_deliveries = static_cast<std::uint64_t>(first_after - run.deliveries.begin());
      fault.at.reset();
    }
  }
}

}  // namespace

Result<RecordedRun> read_recorded_run(const std::string& folder) {
  RecordedRun run;
  const RunFiles files(folder);
  AUTOTAPE_TRY_ASSIGN(run.manifest, read_manifest(files.manifest));
  AUTOTAPE_TRY_ASSIGN(run.report, verify_run(folder));
  AUTOTAPE_TRY_ASSIGN(auto log, DeliveryLogReader::open(files.deliveries));
  EnvelopeReader envelopes;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(auto item, log->next());
    if (!item) {
      break;
    }
    run.deliveries.push_back(std::get<Delivery>(*std::move(item)));
    run.subjects.push_back(subject_of(run.deliveries.back(), envelopes));
  }
  run.stage_names = log->stage_names();
  run.faults = faults_that_struck(run.manifest);
  give_places(run);
  return run;
}

Part whole_of(const RecordedRun& run) {
  Part part;
  part.deliveries.resize(run.deliveries.size());
  std::iota(part.deliveries.begin(), part.deliveries.end(), std::size_t{0});
  part.faults.resize(run.faults.size());
  std::iota(part.faults.begin(), part.faults.end(), std::size_t{0});
  for (const Delivery& delivery : run.deliveries) {
    part.due.push_back(delivery.due - run.deliveries.front().due);
  }
  part.rate = parse_replay_rate(run.manifest.rate).value_or(ReplayRate{});
  return part;
}

Part with_deliveries(const Part& part, const std::vector<std::size_t>& deliveries) {
  Part smaller = part;
  smaller.deliveries.clear();
  smaller.due.clear();
  std::size_t at = 0;
  for (const std::size_t delivery : deliveries) {
    while (part.deliveries[at] != delivery) {
      ++at;
    }
    smaller.deliveries.push_back(delivery);
    smaller.due.push_back(part.due[at]);
  }
  for (std::size_t i = smaller.due.size(); i > 0; --i) {
    smaller.due[i - 1] -= smaller.due.front();
  }
  return smaller;
}

std::vector<Delivery> deliveries_of(const RecordedRun& run, const Part& part) {
  std::vector<Delivery> deliveries;
  for (std::size_t i = 0; i < part.deliveries.size(); ++i) {
    deliveries.push_back(run.deliveries[part.deliveries[i]]);
    deliveries.back().index = i + 1;
    deliveries.back().due = DueTime(part.due[i]);
  }
  return deliveries;
}

std::vector<TimedFault> faults_of(const RecordedRun& run, const Part& part) {
  std::vector<TimedFault> faults;
  for (const std::size_t number : part.faults) {
    faults.push_back(run.faults[number]);
    if (auto& place = faults.back().after_deliveries) {
      const auto first_after =
          std::lower_bound(part.deliveries.begin(), part.deliveries.end(), *place);
      place = static_cast<std::uint64_t>(first_after - part.deliveries.begin());
    }
  }
  return faults;
}

std::unique_ptr<DeliverySource> plan_of_deliveries(std::vector<Delivery> deliveries,
                                                   std::vector<std::string> stage_names) {
  return std::make_unique<DeliveryList>(std::move(deliveries), std::move(stage_names));
}

}  // namespace autotape
