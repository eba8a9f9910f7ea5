#include "tape/ndjson/ndjson_blocks.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/line_reader.hpp"
#include "tape/ndjson/ndjson_line.hpp"
#include "tape/ndjson/ndjson_line_parser.hpp"

namespace autotape {
namespace {

// Few enough that the blocks at work stay in the processor's caches.
constexpr std::size_t bytes_at_a_time = 128 * 1024;

std::uint64_t count_line_feeds(std::string_view text) {
  std::uint64_t count = 0;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    ++count;
  }
  return count;
}

class NdjsonBlockDecoder final : public TapeBlockDecoder {
 public:
  explicit NdjsonBlockDecoder(const std::string& path) : parser_(path) {}

  void decode(TapeBlock& block) override {
    std::string_view rest = block.text();
    NdjsonText text;
    text.number = block.first_line;
    header_may_come_ = block.begins_tape;
    for (; !rest.empty(); ++text.number) {
      const std::size_t feed = rest.find('\n');
      text.line = rest.substr(0, feed);
      text.terminated = feed != std::string_view::npos;
      rest.remove_prefix(text.line.size() + (text.terminated ? 1 : 0));
      if (text.blank()) {
        continue;
      }
      if (auto read = decode(text, block); !read) {
        block.failure = std::move(read).error();
        return;
      }
    }
  }

 private:
  Result<void> decode(const NdjsonText& text, TapeBlock& block) {
    AUTOTAPE_TRY_ASSIGN(const auto line, parser_.parse(text));
    if (!line) {
      block.torn_bytes = text.line.size();
      return {};
    }
    if (std::exchange(header_may_come_, false) && (*line)["tape"].error() == simdjson::SUCCESS) {
      const auto header = read_header_line(*line);
      return header ? Result<void>() : parser_.at_line(text.number, header.error());
    }
    const auto record = read_record_line(*line, block.batch.next(), marker_);
    if (!record) {
      return parser_.at_line(text.number, record.error());
    }
    if (*record == TapeRecord::message) {
      block.batch.keep();
    }
    return {};
  }

  NdjsonLineParser parser_;
  bool header_may_come_ = false;
  Marker marker_;
};

}  // namespace

Result<bool> NdjsonBlocks::next(TapeBlock& block) {
  block.clear();
  block.memory.replace(0, rest_.size(), rest_);  // what is behind it stays: it is written over
  std::size_t size = rest_.size();
  rest_.clear();
  while (!at_end_) {
    if (size > LineReader::default_longest) {
      return file_error(
          fmt::format("{}:{}", source_->path(), next_line_),
          fmt::format("is a line of more than {} bytes", LineReader::default_longest));
    }
    block.memory.resize(std::max(block.memory.size(), size + bytes_at_a_time));
    AUTOTAPE_TRY_ASSIGN(const std::size_t count,
                        source_->read(block.memory.data() + size, bytes_at_a_time));
    const std::string_view more(block.memory.data() + size, count);
    const std::size_t last_feed = more.rfind('\n');
    if (last_feed != std::string_view::npos) {
      rest_ = more.substr(last_feed + 1);
      cut(block, size + last_feed + 1);
      return true;
    }
    size += count;
    at_end_ = count == 0;
  }
  cut_off_ = source_->cut_off();
  cut(block, size);
  return size > 0;
}

void NdjsonBlocks::cut(TapeBlock& block, std::size_t size) {
  block.text_size = size;
  block.first_line = next_line_;
  block.begins_tape = !begun_;
  begun_ = begun_ || block.text().find_first_not_of(" \t\r\n") != std::string_view::npos;
  next_line_ += count_line_feeds(block.text());
}

std::unique_ptr<TapeBlockDecoder> NdjsonBlocks::make_decoder() const {
  return std::make_unique<NdjsonBlockDecoder>(source_->path());
}

Result<void> NdjsonBlocks::finish(const TapeBlock& block) {
  torn_bytes_ += block.torn_bytes;
  return block.failure ? Result<void>(*block.failure) : Result<void>();
}

TapeDamage NdjsonBlocks::damage() const {
  TapeDamage damage;
  damage.torn_bytes = torn_bytes_;
  damage.no_end = cut_off_;
  return damage;
}

}  // namespace autotape
