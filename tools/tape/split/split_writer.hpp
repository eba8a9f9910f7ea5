// Writes a recording in parts, each a whole tape of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tape/split/split_index.hpp"
#include "tape/writer.hpp"

namespace autotape {

struct SplitLimits {
  std::optional<std::uint64_t> size;  // bytes; a part is closed when it has reached it
  std::optional<Duration> duration;   // from the first message of a part to its last, received time

  bool any() const { return size || duration; }
};

class SplitWriter final : public TapeWriter {
 public:
  // Opens a part by its path: one that exists is resumed.
  using OpenPart = std::function<Result<ResumedTape>(const std::string& path)>;

  // Goes on behind the last part of the index, or begins the first. An error if a part is there
  // that the index does not name.
  static Result<std::unique_ptr<SplitWriter>> open(const std::string& tape_path,
                                                   const SplitLimits& limits, OpenPart open_part);

  Result<void> append(const RecordedMessage& message) override;
  Result<void> append(const Marker& marker) override;
  Result<void> sync() override;
  Result<void> flush() override;
  Result<void> close() override;
  std::uint64_t size() const override { return closed_size_ + part_->size(); }

  // What the part that was opened first held already.
  std::uint64_t resumed_messages() const { return resumed_messages_; }
  std::uint64_t torn_bytes() const { return torn_bytes_; }
  const TapeHeader& header() const { return header_; }

 private:
  SplitWriter(std::string tape_path, const SplitLimits& limits, OpenPart open_part)
      : tape_path_(std::move(tape_path)), limits_(limits), open_part_(std::move(open_part)) {}

  Result<void> open_part(const std::string& path);
  Result<void> next_part();
  Result<void> close_part();
  bool part_is_full(ReceivedTime next) const;

  std::string tape_path_;
  SplitLimits limits_;
  OpenPart open_part_;
  SplitIndex index_;
  std::unique_ptr<TapeWriter> part_;
  std::optional<Error> failure_;  // the first one, which is final
  TapeHeader header_;
  std::uint64_t resumed_messages_ = 0;
  std::uint64_t torn_bytes_ = 0;
  std::uint64_t closed_size_ = 0;
};

}  // namespace autotape
