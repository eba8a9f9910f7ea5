#include "tape/edit/recovery.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "tape/journal/journal.hpp"
#include "tape/mcap/mcap_info.hpp"
#include "tape/mcap/mcap_reader.hpp"

namespace autotape {
namespace {

class Recovery final : public RecoveryReader {
 public:
  Recovery(std::unique_ptr<TapeReader> tape, std::optional<JournalReader> journal,
           std::optional<std::uint64_t> expected)
      : tape_(std::move(tape)), journal_(std::move(journal)), expected_(expected) {}

  std::string_view format() const override { return tape_->format(); }
  const TapeHeader& header() const override { return tape_->header(); }
  const TapeDamage& damage() const override { return tape_->damage(); }

  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override {
    if (!tape_ended_) {
      AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape_->next(message, marker));
      if (found != TapeRecord::end) {
        return found;
      }
      tape_ended_ = true;
    }
    return journal_ ? journal_->next(message, marker) : TapeRecord::end;
  }

  std::optional<std::uint64_t> lost(std::uint64_t read) const override {
    if (topics_are_lost()) {
      return std::nullopt;
    }
    if (expected_) {
      return *expected_ - std::min(*expected_, read);
    }
    // What the journal holds goes on where the tape ends.
    const bool whole = journal_ ? damage().torn_bytes == 0 && damage().skipped_bytes == 0
                                : !damage().messages_may_be_lost();
    return !whole ? std::nullopt : std::optional<std::uint64_t>(0);
  }

 private:
  // Then the messages are all there, and some are not what they were.
  bool topics_are_lost() const {
    const auto* const tape = dynamic_cast<const mcap::McapReader*>(tape_.get());
    return tape != nullptr && tape->bad_header_tables() > 0;
  }

  std::unique_ptr<TapeReader> tape_;
  std::optional<JournalReader> journal_;
  bool tape_ended_ = false;                // asked again, it would note its end again
  std::optional<std::uint64_t> expected_;  // messages, as a tape that was closed says itself
};

}  // namespace

Result<std::unique_ptr<RecoveryReader>> open_for_recovery(const std::string& path) {
  std::optional<std::uint64_t> expected;
  std::optional<JournalReader> journal;
  if (path != "-") {
    AUTOTAPE_TRY_ASSIGN(const auto file, InputFile::open(path));
    AUTOTAPE_TRY_ASSIGN(const auto stored, mcap::read_stored_contents(file));
    if (stored) {
      expected = stored->contents.messages;
    } else {
      AUTOTAPE_TRY_ASSIGN(journal, JournalReader::open(journal_path(path)));
    }
  }
  AUTOTAPE_TRY_ASSIGN(auto tape,
                      open_damaged_tape(path, journal ? journal->tape_size() : UINT64_MAX));
  return std::unique_ptr<RecoveryReader>(
      std::make_unique<Recovery>(std::move(tape), std::move(journal), expected));
}

}  // namespace autotape
