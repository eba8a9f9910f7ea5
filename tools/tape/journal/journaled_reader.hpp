// A tape that is, or was, being recorded: the tape as far as its journal says, and then what the
// journal holds.
#pragma once

#include <memory>

#include "tape/journal/journal.hpp"
#include "tape/reader.hpp"

namespace autotape {

class JournaledReader final : public TapeReader {
 public:
  // `tape` reads no more than the first journal.tape_size() bytes.
  JournaledReader(std::unique_ptr<TapeReader> tape, JournalReader journal)
      : tape_(std::move(tape)), journal_(std::move(journal)) {}

  std::string_view format() const override { return tape_->format(); }
  const TapeHeader& header() const override { return tape_->header(); }
  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override;
  const TapeDamage& damage() const override { return damage_; }

 private:
  std::unique_ptr<TapeReader> tape_;
  JournalReader journal_;
  bool tape_ended_ = false;
  TapeDamage damage_;
};

}  // namespace autotape
