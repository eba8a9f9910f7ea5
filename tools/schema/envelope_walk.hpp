// Judges a whole payload by tokens: the envelope of its stream, and `data` by a fast program.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "message/topic.hpp"
#include "schema/fast_program.hpp"
#include "schema/fast_walk.hpp"
#include "schema/name_table.hpp"

namespace autotape {

// The members of an envelope that are texts. V1 has the last two, V2 the application id.
enum class EnvelopeText : std::uint8_t { message_id, vin, application_id, capability, property };

// Reuse one for many messages of a stream. Not thread-safe.
class EnvelopeWalk {
 public:
  explicit EnvelopeWalk(StreamVersion stream);

  // The token behind the envelope that begins at `token`, or null if only a slower look can tell.
  // `walk` is over the text that holds the token and by `program`.
  FastWalk::Token read(FastWalk& walk, const FastProgram& program, FastWalk::Token token);

  // Of the last message that was read; valid as long as its text. What is written with escapes is
  // never read.
  std::string_view text(EnvelopeText which) const {
    return texts_[static_cast<std::size_t>(which)];
  }

  // V1: the names in `data`, which need not be those of the envelope.
  std::string_view data_capability() const { return data_capability_; }
  std::string_view data_property() const { return data_property_; }

 private:
  FastWalk::Token member(FastWalk& walk, const FastProgram& program, std::uint32_t which,
                         FastWalk::Token token);
  FastWalk::Token v1_data(FastWalk& walk, const FastProgram& program, FastWalk::Token token);
  bool is_version(const FastWalk& walk, FastWalk::Token token) const;

  StreamVersion stream_;
  NameTable names_;
  std::uint32_t all_;  // a bit for each member
  std::uint32_t seen_ = 0;
  std::array<std::string_view, 5> texts_;
  std::string_view data_capability_;
  std::string_view data_property_;
};

}  // namespace autotape
