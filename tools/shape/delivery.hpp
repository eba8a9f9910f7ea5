// The delivery plan: what is to be published, when, and what became of each message of the tape.
//
// A plan is a pure function of (tape, shape, seed). It is a stream: nobody holds all of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/message.hpp"
#include "tape/reader.hpp"

namespace autotape {

// What a stage did to a delivery. Names as in plans and ledgers: name_of().
enum class ActionKind : std::uint8_t {
  // An additional delivery of a message that is delivered anyway.
  copied,           // same message_id, same bytes: duplicate class (a)
  changed_content,  // same message_id, another value: duplicate class (b)
  new_id,           // another message_id, same reading: duplicate class (c)
  stale,            // an old reading sent again as a new message
  tied,             // another message_id and another value for the same moment

  // Another place or time; the bytes are as before.
  moved,      // behind messages that came after it
  delayed,    // later
  late,       // much later: beyond what a reorder buffer is likely to bridge
  held,       // until its car was online again
  collected,  // until the end of a burst
  paced,      // until the rate allowed it

  // Other bytes.
  skewed,        // all timestamps shifted: the car's clock is wrong
  restamped,     // all timestamps shifted by a loop
  renewed_id,    // another message_id, from a loop; the only delivery with it
  converted_v2,  // from a V1 to a V2 message

  // Broken on purpose; a consumer should refuse it and go on.
  truncated,
  wrong_type,
  missing_member,
  unknown_property,
  unknown_enum,
  bad_timestamp,
  bad_utf8,
  wrong_topic,  // the payload is good, the topic names another car
  empty_payload,
  huge_payload,
};
inline constexpr std::size_t action_kind_count =
    static_cast<std::size_t>(ActionKind::huge_payload) + 1;

// "copied", "changed-content", …
std::string_view name_of(ActionKind kind);
std::optional<ActionKind> action_kind(std::string_view name);

// Is the message no longer a valid one?
bool is_corruption(ActionKind kind);

// Is the delivery one that the tape does not have?
bool is_additional(ActionKind kind);

struct StageAction {
  std::uint16_t stage = 0;  // index into stage_names()
  ActionKind kind = ActionKind::copied;

  bool operator==(const StageAction&) const = default;
};

// A few actions in place; more of them, which are rare, in memory of their own.
class ActionList {
 public:
  void push_back(StageAction action);
  void clear() { *this = {}; }

  const StageAction* begin() const { return more_.empty() ? few_.data() : more_.data(); }
  const StageAction* end() const { return begin() + count_; }
  const StageAction& operator[](std::size_t place) const { return begin()[place]; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  bool operator==(const ActionList& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  std::array<StageAction, 5> few_{};
  std::uint32_t count_ = 0;
  std::vector<StageAction> more_;  // all of them, once they are more than a few
};

// One planned publish.
struct Delivery {
  std::uint64_t index = 0;    // in the plan; the first is 1, without holes
  std::uint64_t message = 0;  // of the tape; the first is 1
  std::uint32_t pass = 0;     // of a loop; the first is 0
  std::uint32_t copy = 0;     // 0 is the message itself. (message, pass, copy) is unique in a plan
  DueTime due{};              // at rate 1. Never before that of the delivery before it
  bool altered = false;       // topic or payload are not those of the tape
  ActionList actions;         // in the order in which they were done
  std::shared_ptr<const Message> content;  // what is published. Shared with other deliveries

  bool has(ActionKind kind) const;
};

// A delivery that a stage took out of the plan. `copy` is 0 for a message that the tape has.
struct Drop {
  std::uint64_t message = 0;
  std::uint32_t pass = 0;
  std::uint32_t copy = 0;
  DueTime due{};            // when it would have been due
  std::uint16_t stage = 0;  // who dropped it
};

using PlanItem = std::variant<Delivery, Drop>;

// A plan, front to back. Not thread-safe.
class DeliverySource {
 public:
  virtual ~DeliverySource() = default;

  // Deliveries in the order of their index; drops in between, where they were decided. Nothing at
  // the end.
  virtual Result<std::optional<PlanItem>> next() = 0;

  // The names that StageAction::stage and Drop::stage stand for; unique. The tape's own selection
  // (filters, start offset, duration) is a stage as well. Fixed before the first next().
  virtual const std::vector<std::string>& stage_names() const = 0;

  // What of the tape could not be read; complete once next() gave nothing.
  virtual TapeDamage tape_damage() const { return {}; }

  // The stages of a shape that touched nothing, as indices into stage_names(); complete once next()
  // gave nothing. None of a plan that was made before.
  virtual std::vector<std::uint16_t> idle_stages() const { return {}; }
};

}  // namespace autotape
