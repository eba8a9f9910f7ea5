// A tape on which only pseudonyms arrive: nothing raw reaches the disk.
#pragma once

#include <memory>

#include "anonymize/anonymizer.hpp"
#include "tape/writer.hpp"

namespace autotape {

class AnonymizingWriter final : public TapeWriter {
 public:
  // `tape` was opened with anonymizer.header(); `anonymizer` outlives the writer.
  AnonymizingWriter(std::unique_ptr<TapeWriter> tape, Anonymizer& anonymizer)
      : tape_(std::move(tape)), anonymizer_(anonymizer) {}

  Result<void> append(const RecordedMessage& message) override {
    message_ = message;
    anonymizer_.rewrite(message_);
    return tape_->append(message_);
  }
  Result<void> append(const Marker& marker) override {
    Marker other = marker;
    anonymizer_.rewrite(other);
    return tape_->append(other);
  }
  Result<void> sync() override { return tape_->sync(); }
  Result<void> flush() override { return tape_->flush(); }
  Result<void> close() override { return tape_->close(); }
  std::uint64_t size() const override { return tape_->size(); }

 private:
  std::unique_ptr<TapeWriter> tape_;
  Anonymizer& anonymizer_;
  RecordedMessage message_;
};

}  // namespace autotape
