#include "tape/tape_blocks.hpp"

#include <utility>

namespace autotape {

void TapeBlock::clear() {
  text_size = 0;
  batch.clear();
  torn_bytes = 0;
  failure.reset();
}

namespace {

class DecodedAlready final : public TapeBlockDecoder {
 public:
  void decode(TapeBlock&) override {}
};

class DecodedBlocks final : public TapeBlocks {
 public:
  explicit DecodedBlocks(std::unique_ptr<TapeReader> tape) : tape_(std::move(tape)) {}

  Result<bool> next(TapeBlock& block) override {
    block.clear();
    while (!ended_ && block.batch.size() < most_messages) {
      auto found = tape_->next_message(block.batch.next());
      ended_ = !found || !*found;
      if (!ended_) {
        block.batch.keep();
      } else if (!found) {
        block.failure = std::move(found).error();
      }
    }
    return !block.batch.empty() || block.failure.has_value();
  }

  std::unique_ptr<TapeBlockDecoder> make_decoder() const override { return decode_nothing(); }
  Result<void> finish(const TapeBlock& block) override {
    return block.failure ? Result<void>(*block.failure) : Result<void>();
  }
  TapeDamage damage() const override { return tape_->damage(); }

 private:
  static constexpr std::size_t most_messages = 256;

  std::unique_ptr<TapeReader> tape_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<TapeBlocks> blocks_of(std::unique_ptr<TapeReader> tape) {
  return std::make_unique<DecodedBlocks>(std::move(tape));
}

std::unique_ptr<TapeBlockDecoder> decode_nothing() {
  return std::make_unique<DecodedAlready>();
}

}  // namespace autotape
