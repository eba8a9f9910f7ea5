// The stream of a run as it would have been without any trouble, for the metamorphic check.
//
// Made from the deliveries of the run itself, so that whatever the shape lost, shifted or broke is
// the same in both: each message of the tape that was delivered whole, once, in the order of the
// tape, at the pace of the run. Copies are left out, and broken messages.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "run/delivery_log.hpp"

namespace autotape {

// Keeps 24 bytes for each message in memory, and reads the content again from the log.
class CleanPlan final : public DeliverySource {
 public:
  // `path` is a log that LoggedPlan wrote, and is complete.
  static Result<std::unique_ptr<CleanPlan>> open(const std::string& path);

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return stage_names_; }

 private:
  // A delivery that is kept, by the place of its line.
  struct Place {
    std::uint32_t pass = 0;
    std::uint64_t message = 0;
    std::uint64_t offset = 0;
  };

  CleanPlan(std::unique_ptr<DeliveryLogReader> log, std::ifstream lines)
      : log_(std::move(log)), lines_(std::move(lines)) {}

  Result<void> find_places();

  std::unique_ptr<DeliveryLogReader> log_;
  std::ifstream lines_;
  std::string line_;
  std::vector<std::string> stage_names_;  // none: nothing was done to any delivery
  std::vector<Place> places_;             // in the order in which they are given
  std::vector<DueTime> dues_;
  std::size_t given_ = 0;
};

}  // namespace autotape
