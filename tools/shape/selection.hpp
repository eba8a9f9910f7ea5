// What of a tape is played, and how often: the first thing that a plan decides.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "shape/delivery.hpp"
#include "shape/message_pool.hpp"
#include "shape/stage.hpp"
#include "tape/reader.hpp"

namespace autotape {

// Opens the tape at its beginning; called again for each pass of a loop.
using OpenTape = std::function<Result<std::unique_ptr<TapeReader>>()>;

// Between two passes of a loop.
inline constexpr Duration pause_between_passes = std::chrono::seconds(1);

struct Selection {
  std::vector<std::string> include{};  // topic filters; none: every message
  std::vector<std::string> exclude{};
  Duration start_offset{};  // from the first message on the tape
  std::optional<Duration> duration{};
  std::optional<Duration> longest_gap{};  // longer silences are shortened to this

  std::uint32_t passes = 1;
  bool renew_ids = true;       // later passes have message_ids of their own…
  bool shift_times = true;     // …and timestamps that go on where the last pass ended
  bool convert_to_v2 = false;  // V1 messages become V2 messages of the same readings

  bool operator==(const Selection&) const = default;
};

// The messages of a tape as deliveries that nothing has been done to yet. Messages that the
// selection leaves out are dropped by the stage "selection"; those behind its end are not read.
class SelectedMessages {
 public:
  SelectedMessages(OpenTape open, Selection selection, StageContext context);

  // Gives one message to `output`, or drops it. False at the end.
  Result<bool> next(StageOutput& output);

  // What could not be read in the passes that are over.
  const TapeDamage& damage() const { return damage_; }

 private:
  bool is_chosen(const Message& message) const;
  std::shared_ptr<const Message> take_message();
  void start_pass();
  DueTime next_due();
  void make_later_pass(Delivery& delivery) const;

  OpenTape open_;
  Selection selection_;
  StageContext context_;
  RandomSeries id_luck_;
  std::unique_ptr<TapeReader> reader_;
  RecordedMessage read_;
  MessagePool messages_;
  TapeDamage damage_;
  std::uint64_t number_ = 0;
  std::uint32_t pass_ = 0;
  DueTime pass_start_{};
  DueTime last_due_{};
  Duration data_shift_{};  // of this pass's timestamps; like pass_start_, but silences are whole
  std::optional<ReceivedTime> tape_start_;
  Duration tape_offset_{};  // on the tape, of the last message; never goes back
  Duration last_offset_{};  // of the last chosen message, from the start offset on
  Duration cut_{};          // what shortened silences took off so far
};

}  // namespace autotape
