// Plans ahead in a thread of its own, so that reading and shaping a tape makes no delivery late.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "shape/delivery.hpp"

namespace autotape {

// The same items in the same order. next() is for one thread; the plan is used by the inner thread
// only.
class PrefetchedPlan final : public DeliverySource {
 public:
  explicit PrefetchedPlan(std::unique_ptr<DeliverySource> plan);
  ~PrefetchedPlan() override;

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return stage_names_; }

 private:
  using Batch = std::vector<PlanItem>;
  static constexpr std::size_t batch_size = 256;
  static constexpr std::size_t most_batches = 16;

  void plan_ahead();
  bool offer(Batch batch);

  std::unique_ptr<DeliverySource> plan_;
  std::vector<std::string> stage_names_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;     // guarded by mutex_
  std::optional<Error> failure_;  // guarded by mutex_; comes after the batches
  bool ended_ = false;            // guarded by mutex_
  bool abandoned_ = false;        // guarded by mutex_

  Batch current_;
  std::size_t given_ = 0;
  std::thread thread_;
};

}  // namespace autotape
