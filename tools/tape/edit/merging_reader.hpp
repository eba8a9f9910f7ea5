// Several tapes as one, by received time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

// Of the tapes' next records, the earliest one comes first; of equals, that of the tape that was
// named first. So each tape's own order stays, even where it is not that of time. Holds one record
// of each tape. The header has what all of the tapes' headers agree on.
class MergingReader final : public TapeReader {
 public:
  static Result<std::unique_ptr<MergingReader>> open(
      std::vector<std::unique_ptr<TapeReader>> tapes);

  std::string_view format() const override { return "merged"; }
  const TapeHeader& header() const override { return header_; }
  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override;
  const TapeDamage& damage() const override { return damage_; }  // of all of them

  // Of the tape that was named at `place`, counted from 0.
  const TapeDamage& damage_of(std::size_t place) const { return heads_[place]->damage; }

 private:
  struct Head {
    std::unique_ptr<TapeReader> tape;
    std::size_t number = 0;
    TapeRecord kind = TapeRecord::end;
    RecordedMessage message;
    Marker marker;
    TapeDamage damage;  // when the tape has ended

    ReceivedTime time() const { return kind == TapeRecord::message ? message.received : marker.at; }
  };
  static bool later(const Head* a, const Head* b);
  Result<void> advance(Head& head);

  std::vector<std::unique_ptr<Head>> heads_;
  std::vector<Head*> heap_;  // those that have a record; the earliest at the front
  Head* given_ = nullptr;    // its record was given; it waits to be advanced
  TapeHeader header_;
  TapeDamage damage_;
};

}  // namespace autotape
