// A shape: what a scenario does to a tape before it is played. Stages, one after the other.
//
// Durations and places in time are those of the plan at rate 1: at --rate 60 all of them pass sixty
// times as fast.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "shape/delivery.hpp"
#include "shape/distribution.hpp"
#include "shape/match.hpp"
#include "shape/stage.hpp"

namespace autotape {

enum class DuplicateClass {
  same_bytes,       // (a) same message_id, same bytes
  changed_content,  // (b) same message_id, another value
  new_id,           // (c) another message_id, same reading
};

// Publishes messages again.
struct DuplicateSettings {
  double probability = 1;
  std::uint32_t copies = 1;                      // of each chosen message
  DurationDistribution delay = FixedDuration{};  // of each copy behind the message
  DuplicateClass kind = DuplicateClass::same_bytes;
};

// Sends an old reading again as a new message: another message_id, the old timestamp and value.
struct StaleSettings {
  double probability = 1;
  DurationDistribution age = FixedDuration{std::chrono::minutes(10)};
};

// Adds a message with another message_id and another value for the same moment. Messages whose
// value has no other (a name, say) get none.
struct TieSettings {
  double probability = 1;
  DurationDistribution delay = FixedDuration{};
};

enum class ReorderMode {
  late,     // each message up to a window late, none early
  shuffle,  // the messages of a window in any order
  reverse,  // the messages of a window, last one first
  swap,     // neighbours change places
};

// Among which messages the order changes; others keep their places.
enum class ReorderScope { all, car, property };

// A message never arrives before its time: others overtake it.
struct ReorderSettings {
  ReorderMode mode = ReorderMode::late;
  std::uint64_t messages = 0;  // window in messages of the scope
  Duration time{};             // or in time; exactly one of both is not zero, none for `swap`
  ReorderScope scope = ReorderScope::all;  // not for `late` in time, where none waits for others
  double probability = 1;                  // of `late` and `swap`
};

struct DelaySettings {
  double probability = 1;
  DurationDistribution delay = FixedDuration{};
  bool late = false;  // named so: minutes or hours
};

// From `at` on, again each `every` if given, for as long as `duration`.
struct Spans {
  Duration at{};
  Duration duration{};
  std::optional<Duration> every{};

  // The end of the span that `moment` lies in.
  std::optional<Duration> end_of_span_at(Duration moment) const;
};

enum class HoldOrder { kept, reversed, shuffled };

// The car is offline during the spans; its messages come in one burst at their ends.
struct HoldSettings {
  Spans spans{};
  HoldOrder order = HoldOrder::kept;
};

// The messages of the spans are lost.
struct GapSettings {
  Spans spans{};
};

struct DropSettings {
  double probability = 1;
};

// Messages come only at multiples of `every`, all at once.
struct BurstSettings {
  Duration every{};
};

// No more than so many in a second; the others wait in their order.
struct RateSettings {
  double per_second = 1;
};

// The cars' clocks are wrong: all timestamps of a car move.
struct ClockSkewSettings {
  DurationDistribution offset = FixedDuration{};  // drawn for each car
  double drift = 0;                               // parts per million, over the plan's time
};

// Breaks messages; the broken one stands in the place of the good one.
struct CorruptSettings {
  double probability = 1;
  std::vector<ActionKind> kinds{};       // one of them for each message
  std::uint64_t huge_size = 200 * 1024;  // bytes
};

// How late and how often the messages of one property came in a recording.
struct Disorder {
  double share_late = 0;                            // of the messages: newer ones overtook them
  DurationDistribution delay = FixedDuration{};     // of those
  double share_of_duplicates = 0;                   // of the messages, published again
  DurationDistribution distance = FixedDuration{};  // of a duplicate from the time before
};

// Misbehaves like a recording.
struct LikeSettings {
  std::map<std::string, Disorder, std::less<>> by_property{};  // "diagnostics.odometer"
  Disorder others{};                                           // of all other messages
};

using StageSettings =
    std::variant<DuplicateSettings, StaleSettings, TieSettings, ReorderSettings, DelaySettings,
                 HoldSettings, GapSettings, DropSettings, BurstSettings, RateSettings,
                 ClockSkewSettings, CorruptSettings, LikeSettings>;

struct ShapeStage {
  std::string name;  // as in plans and ledgers; unique in its shape
  Match match;
  StageSettings settings;
};

struct Shape {
  std::vector<ShapeStage> stages;
};

// "duplicate", "stale", "tie", …: what a scenario calls it, and the stage if it has no name of its
// own.
std::string_view kind_name(const StageSettings& settings);

// How many additional deliveries one delivery may get from the stage.
std::uint32_t most_copies(const StageSettings& settings);

// How many deliveries one message may become.
std::uint64_t most_deliveries_of_one(const Shape& shape);

// Appends a stage named like its kind, or "duplicate-2" where that is taken.
void add_stage(Shape& shape, StageSettings settings, Match match = {});

std::unique_ptr<Stage> make_stage(const ShapeStage& stage, const StageContext& context);

}  // namespace autotape
