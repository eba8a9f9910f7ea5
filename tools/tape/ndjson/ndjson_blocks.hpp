// An NDJSON tape in blocks of whole lines.
#pragma once

#include <memory>
#include <string>

#include "core/file.hpp"
#include "tape/tape_blocks.hpp"

namespace autotape {

// Like an NdjsonReader for which a wrong line is an error. A block is what one read() of the source
// gave, up to the last line feed: of a pipe, what has come so far.
class NdjsonBlocks final : public TapeBlocks {
 public:
  explicit NdjsonBlocks(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Result<bool> next(TapeBlock& block) override;
  std::unique_ptr<TapeBlockDecoder> make_decoder() const override;
  Result<void> finish(const TapeBlock& block) override;
  TapeDamage damage() const override;

 private:
  void cut(TapeBlock& block, std::size_t size);

  // Of next().
  std::unique_ptr<ByteSource> source_;
  std::string rest_;  // of what was read: the begin of the next block
  std::uint64_t next_line_ = 1;
  bool begun_ = false;  // there was a line that is not blank
  bool at_end_ = false;
  bool cut_off_ = false;

  std::uint64_t torn_bytes_ = 0;  // of finish()
};

}  // namespace autotape
