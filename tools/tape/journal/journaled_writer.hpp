// A tape in chunks whose every record is on disk when sync() returns: it is in the journal until
// its chunk is. Chunks of a megabyte and acknowledgements of a burst would not fit otherwise.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tape/journal/journal.hpp"
#include "tape/writer.hpp"

namespace autotape {

class JournaledWriter final : public TapeWriter {
 public:
  static constexpr std::uint64_t default_chunk_bytes = std::uint64_t{1} << 20U;

  // `tape` cuts a chunk when it is synced. `path` is the journal's, which is removed when the tape
  // is closed. A new chunk is cut when the journal holds `chunk_bytes`.
  JournaledWriter(std::unique_ptr<TapeWriter> tape, JournalWriter journal, std::string path,
                  std::uint64_t chunk_bytes = default_chunk_bytes)
      : tape_(std::move(tape)),
        journal_(std::move(journal)),
        path_(std::move(path)),
        chunk_bytes_(chunk_bytes) {}

  Result<void> append(const RecordedMessage& message) override;
  Result<void> append(const Marker& marker) override;
  Result<void> sync() override;
  Result<void> flush() override;
  Result<void> close() override;
  std::uint64_t size() const override { return tape_->size() + (closed_ ? 0 : journal_.size()); }

 private:
  Result<void> cut_chunk();
  Result<void> keep_failure(Result<void> result);

  std::unique_ptr<TapeWriter> tape_;
  JournalWriter journal_;
  std::string path_;
  std::uint64_t chunk_bytes_;
  bool synced_ = true;  // nothing was appended since the last sync
  bool closed_ = false;
  std::optional<Error> failure_;  // the first one, which is final
};

}  // namespace autotape
