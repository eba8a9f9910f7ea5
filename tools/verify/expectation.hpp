// What a consumer must do for its verdict to be "passed". A scenario's `expect:` is read into this;
// the defaults are what `autotape test TAPE` asks without one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.hpp"

namespace autotape {

// Is a check made? A check that is `required` and that nothing exercised is *unknown*, not passed.
enum class CheckMode { off, by_default, required };

// exactly_once: each message is handled once. idempotent: handling one again is fine as long as the
// state is right, so dedup is not judged.
enum class Processing { exactly_once, idempotent };

// What must happen to a message whose `message_id` came before with other content. `any` accepts
// both.
enum class SameIdNewContent { handled_once, handled_each_time, any };

// What must happen to a reading that came before with another `message_id`. `any`: a consumer that
// knows readings may leave the second message out, one that knows ids handles it.
enum class SameReadingNewId { handled, left_out, any };

// Which corrupted messages a consumer must not apply: those that any reader of the stream can tell
// (broken JSON, an envelope without its members, a timestamp that is none), or those that only the
// schema tells too.
enum class Refusal { unreadable, invalid };

// monotonic: of one key, no older reading is applied after a newer one.
// latest_wins: they may be applied in any order, if the last state is that of the newest.
enum class OrderRule { monotonic, latest_wins };

// Which of several readings of one key with equal timestamps is the newest: in order of delivery.
enum class TieRule { any, first, last };

// With several consumers of one App ID: each must handle all, or all together (replicas that share
// their memory) must handle each message once.
enum class Parties { each, together };

struct Expectation {
  CheckMode completeness = CheckMode::by_default;
  CheckMode dedup = CheckMode::by_default;
  CheckMode order = CheckMode::off;
  CheckMode state = CheckMode::off;
  CheckMode metamorphic = CheckMode::off;
  CheckMode latency = CheckMode::off;

  Processing processing = Processing::exactly_once;
  SameIdNewContent same_id_new_content = SameIdNewContent::handled_once;
  SameReadingNewId same_reading_new_id = SameReadingNewId::any;
  Refusal refusal = Refusal::unreadable;
  OrderRule order_rule = OrderRule::monotonic;
  TieRule ties = TieRule::any;
  Parties parties = Parties::each;

  // A reading that is older than the newest delivered one of its car by more than this may be
  // dropped.
  std::optional<Duration> max_lateness;

  // From delivery to the observation that the message was handled. Required by the latency check.
  std::optional<Duration> latency_bound;

  // How long the consumer says that it remembers an id, by the wall clock. A replay at 60 times the
  // speed brings an hour-old duplicate within such a memory: then dedup is unknown, not passed.
  std::optional<Duration> dedup_memory;
};

}  // namespace autotape
