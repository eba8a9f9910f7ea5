// A stage of a shape: takes deliveries, gives deliveries. The plan is a pipe of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "core/random.hpp"
#include "shape/delivery.hpp"
#include "shape/delivery_heap.hpp"

namespace autotape {

// What takes a stage's deliveries: the next stage, or the end of the pipe.
class StageOutput {
 public:
  virtual ~StageOutput() = default;

  // Must come in the order of their due times.
  virtual void deliver(Delivery delivery) = 0;
  virtual void drop(const Delivery& delivery, std::uint16_t stage) = 0;
};

class Stage {
 public:
  virtual ~Stage() = default;

  // Called in the order of due times, which may be equal. What a stage keeps it must give when its
  // time has come: before anything that is due later.
  virtual void take(Delivery delivery, StageOutput& output) = 0;

  // Nothing more comes: gives all that was kept.
  virtual void finish(StageOutput& /*output*/) {}
};

// What each stage is told.
struct StageContext {
  std::uint16_t number = 0;  // index into stage_names()
  std::string name;
  std::uint64_t seed = 0;
  std::uint32_t copy_step = 1;  // the n-th copy of delivery c has the number c + n × copy_step

  // What random numbers of this stage are for.
  std::string purpose(std::string_view what) const { return name + "/" + std::string(what); }
};

// Luck for one purpose of a stage: each delivery has its own, whatever happens to others.
class StageLuck {
 public:
  StageLuck(const StageContext& context, std::string_view purpose)
      : series_(context.seed, context.purpose(purpose)) {}

  Random of(const Delivery& delivery) const;

 private:
  RandomSeries series_;
};

// Deliveries that wait for their new due time; equal ones in a stated order. Holds what the stage's
// delays ask for, and no more.
class ReleaseQueue {
 public:
  // By due time, then by `rank`, then as they came.
  void hold(Delivery delivery, std::uint64_t rank = 0);

  // Gives all that is due at `now` or before.
  void release(DueTime now, StageOutput& output);
  void release_all(StageOutput& output);

 private:
  using Key = std::tuple<DueTime, std::uint64_t, std::uint64_t>;  // due, rank, as they came

  DeliveryHeap<Key> waiting_;
  std::uint64_t next_sequence_ = 0;
};

// Another content for a delivery.
void replace_content(Delivery& delivery, std::string topic, std::string payload);

}  // namespace autotape
