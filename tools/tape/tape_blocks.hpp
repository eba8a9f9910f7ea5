// Reading a tape with several threads: one cuts it into blocks, which is cheap, any of them decodes
// a block, and one takes the blocks' messages in the tape's order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "tape/reader.hpp"

namespace autotape {

// Messages one behind the other, whose memory is used again.
class MessageBatch {
 public:
  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Memory for one more, which keep() makes part of the batch.
  RecordedMessage& next() {
    return size_ < memory_.size() ? memory_[size_] : memory_.emplace_back();
  }
  void keep() { ++size_; }

  std::span<const RecordedMessage> messages() const { return {memory_.data(), size_}; }

 private:
  std::vector<RecordedMessage> memory_;
  std::size_t size_ = 0;
};

struct TapeBlock {
  // Set when it is cut off: whole lines, if the format has lines; else it is decoded already.
  std::string memory;  // begins with the text
  std::size_t text_size = 0;
  std::uint64_t first_line = 1;  // its number on the tape
  bool begins_tape = false;      // nothing but blank lines before it

  // Set when it is decoded.
  MessageBatch batch;
  std::uint64_t torn_bytes = 0;  // behind the messages, and the end of the tape
  std::optional<Error> failure;  // behind the messages: nothing can be read after it

  std::string_view text() const { return std::string_view(memory).substr(0, text_size); }
  void clear();
};

// What each thread has of its own. May be made and used on any thread.
class TapeBlockDecoder {
 public:
  virtual ~TapeBlockDecoder() = default;
  virtual void decode(TapeBlock& block) = 0;
};

// The messages are those that a TapeReader gives, as are errors and damage. One thread at a time
// calls next(), and one, perhaps another, finish().
class TapeBlocks {
 public:
  virtual ~TapeBlocks() = default;

  // Cuts the next one off, into `block`, whose memory is used again; false at the end.
  virtual Result<bool> next(TapeBlock& block) = 0;
  virtual std::unique_ptr<TapeBlockDecoder> make_decoder() const = 0;

  // To be called with each block when it is decoded, in their order. After an error, which is
  // behind the block's messages, the blocks that follow are of no use.
  virtual Result<void> finish(const TapeBlock& block) = 0;

  // What was left out. To be asked when the last block is finished.
  virtual TapeDamage damage() const = 0;
};

// As open_tape() does.
Result<std::unique_ptr<TapeBlocks>> open_tape_blocks(const std::string& path, int stop = -1);

// Blocks that the reader decodes when they are cut off: for formats whose records cannot be told
// apart before they are decoded.
std::unique_ptr<TapeBlocks> blocks_of(std::unique_ptr<TapeReader> tape);

// For blocks that are decoded already.
std::unique_ptr<TapeBlockDecoder> decode_nothing();

}  // namespace autotape
