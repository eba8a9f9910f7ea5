// Most messages are right. This says so at close to the speed at which their bytes can be read, and
// leaves everything else to MessageCheck, which takes its time and explains.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "json/structural_index.hpp"
#include "message/topic.hpp"
#include "schema/envelope_walk.hpp"
#include "schema/fast_program.hpp"

namespace autotape {

enum class FastVerdict : std::uint8_t {
  valid,     // nothing to report
  warnings,  // no error, but perhaps something for a warning
  unsure,    // look again: wrong, or written in a way that is not judged here
};

// V2's topic has three levels, V1's seven; nothing for another.
std::optional<StreamVersion> stream_by_topic(std::string_view topic);

struct MessageView {
  std::string_view topic;
  std::string_view payload;
  DataTime latest;  // the newest timestamp that is plausible: about when the message was received
};

// Reuse one for many messages; allocates only for payloads longer than all before. Not thread-safe.
class FastJudge {
 public:
  // The compiled schemas of each stream's `data` must outlive the judge; of a stream without one
  // all messages are unsure. Messages are of `stream`, or of the one that their topic tells.
  FastJudge(const FastProgram* v1, const FastProgram* v2, std::optional<StreamVersion> stream);

  // `verdicts` become those of `messages`, in their order. Many messages at once are faster than
  // each alone.
  void judge(std::span<const MessageView> messages, std::vector<FastVerdict>& verdicts);

 private:
  // What the topics of the stream began with, found right before: in V1 environment, level and
  // application, in V2 all of it.
  struct Stream {
    const FastProgram* data;
    EnvelopeWalk envelope;
    std::string known_prefix;
  };

  std::size_t fill_buffer(std::span<const MessageView> messages);
  void judge_filled(std::span<const MessageView> messages, std::vector<FastVerdict>& verdicts);
  FastVerdict judge_one(const MessageView& message, FastWalk::Token first, FastWalk::Token end,
                        FastWalk::Token& next);
  std::optional<StreamVersion> stream_of(std::string_view topic) const;
  bool v1_topic_agrees(std::string_view topic);
  bool v2_topic_agrees(std::string_view topic);
  DoubtfulFrom doubtful_from(DataTime latest);

  std::optional<StreamVersion> stream_;
  Stream v1_;
  Stream v2_;
  StructuralIndex index_;
  std::vector<char> buffer_;           // payloads, each with a line end behind it
  std::vector<std::uint32_t> starts_;  // of the payloads in the buffer
  std::size_t filled_ = 0;             // bytes
  DataTime latest_{};                  // the minute of the last message's
  DoubtfulFrom doubtful_from_;         // for it
};

}  // namespace autotape
