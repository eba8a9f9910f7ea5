#include "tape/read_ahead_tape.hpp"

#include <utility>

#include "core/read_ahead.hpp"

namespace autotape {
namespace {

struct Record {
  TapeRecord kind = TapeRecord::end;
  RecordedMessage message;
  Marker marker;
};

class ReadAheadTape final : public TapeReader {
 public:
  explicit ReadAheadTape(std::unique_ptr<TapeReader> tape)
      : tape_(std::move(tape)), records_([reader = tape_.get()](Record& record) -> Result<bool> {
          AUTOTAPE_TRY_ASSIGN(record.kind, reader->next(record.message, record.marker));
          return record.kind != TapeRecord::end;
        }) {}

  std::string_view format() const override { return tape_->format(); }
  const TapeHeader& header() const override { return tape_->header(); }
  const TapeDamage& damage() const override { return damage_; }

  // What `message` and `marker` held goes back to the thread that reads, for its memory.
  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override {
    AUTOTAPE_TRY_ASSIGN(Record* const record, records_.next());
    if (record == nullptr) {
      damage_ = tape_->damage();  // the other thread has ended
      return TapeRecord::end;
    }
    if (record->kind == TapeRecord::message) {
      std::swap(message, record->message);
    } else {
      std::swap(marker, record->marker);
    }
    return record->kind;
  }

 private:
  std::unique_ptr<TapeReader> tape_;
  TapeDamage damage_;
  ReadAhead<Record> records_;  // ends before the tape
};

}  // namespace

std::unique_ptr<TapeReader> read_tape_ahead(std::unique_ptr<TapeReader> tape) {
  return std::make_unique<ReadAheadTape>(std::move(tape));
}

}  // namespace autotape
