#include "tape/zstd_stream.hpp"

#include <cstring>

#include <fmt/format.h>
#include <zstd.h>

namespace autotape {
namespace {

constexpr int compression_level = 3;  // of text for people: its size counts more than its speed
constexpr std::size_t block = 256 * 1024;
constexpr unsigned long long largest_waiting_frame = 32ULL << 20U;

}  // namespace

void ZstdAppendFile::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

ZstdAppendFile::ZstdAppendFile(std::unique_ptr<AppendFile> file)
    : file_(std::move(file)), context_(ZSTD_createCCtx()) {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, compression_level);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

Result<void> ZstdAppendFile::append(std::string_view bytes) {
  if (bytes.empty()) {
    return {};
  }
  compressed_.resize(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress2(context_.get(), compressed_.data(), compressed_.size(),
                                          bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) {
    return internal_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  }
  return file_->append(std::string_view(compressed_).substr(0, size));
}

void ZstdSource::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

ZstdSource::ZstdSource(std::unique_ptr<ByteSource> source, DamagedFrame damaged_frame)
    : source_(std::move(source)),
      damaged_frame_(damaged_frame),
      context_(ZSTD_createDCtx()),
      compressed_(block, '\0') {}

Result<std::size_t> ZstdSource::read(char* buffer, std::size_t most) {
  while (given_ == piece_.size()) {
    piece_.clear();
    given_ = 0;
    AUTOTAPE_TRY_ASSIGN(const bool more, read_piece());
    if (!more) {
      return std::size_t{0};
    }
  }
  const std::size_t count = piece_.copy(buffer, most, given_);
  given_ += count;
  return count;
}

// Are there `count` compressed bytes from at_ on? Fewer only at the end of the file.
Result<bool> ZstdSource::have(std::size_t count) {
  while (end_ - at_ < count && !at_end_of_file_) {
    std::memmove(compressed_.data(), compressed_.data() + at_, end_ - at_);
    offset_ += at_;
    end_ -= at_;
    at_ = 0;
    AUTOTAPE_TRY_ASSIGN(const std::size_t more,
                        source_->read(compressed_.data() + end_, compressed_.size() - end_));
    end_ += more;
    at_end_of_file_ = more == 0;
  }
  return end_ - at_ >= count;
}

Result<void> ZstdSource::begin_frame() {
  constexpr std::size_t longest_frame_header = 18;
  AUTOTAPE_TRY(have(longest_frame_header));
  const auto size = ZSTD_getFrameContentSize(compressed_.data() + at_, end_ - at_);
  frame_waits_ = size < largest_waiting_frame;  // unknown and wrong sizes are very large ones
  in_frame_ = true;
  return {};
}

// False at the end.
Result<bool> ZstdSource::read_piece() {
  AUTOTAPE_TRY_ASSIGN(const bool some, have(1));
  if (!in_frame_) {
    if (!some) {
      return false;
    }
    AUTOTAPE_TRY(begin_frame());
  }
  while (in_frame_ && (frame_waits_ || piece_.size() < block)) {
    AUTOTAPE_TRY(have(1));
    const std::size_t before = piece_.size();
    piece_.resize(before + block);
    ZSTD_outBuffer out{piece_.data(), piece_.size(), before};
    ZSTD_inBuffer in{compressed_.data(), end_, at_};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
    piece_.resize(out.pos);
    if (ZSTD_isError(left) != 0) {
      AUTOTAPE_TRY(skip_damaged_frame());
      return true;
    }
    const bool nothing_more = at_ == end_ && out.pos == before;
    at_ = in.pos;
    in_frame_ = left != 0;
    if (in_frame_ && nothing_more) {
      cut_off_ = true;
      if (frame_waits_) {
        piece_.clear();
      }
      return !piece_.empty();
    }
  }
  return true;
}

Result<void> ZstdSource::skip_damaged_frame() {
  if (damaged_frame_ == DamagedFrame::error) {
    return file_error(fmt::format("{}@{}", path(), offset_ + at_), "the compressed data is damaged",
                      "autotape tape recover makes a tape of what is whole");
  }
  if (frame_waits_) {
    piece_.clear();
  }
  piece_ += "\nx\n";
  ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
  in_frame_ = false;
  at_ += at_ < end_ ? 1U : 0U;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool enough, have(zstd_magic.size()));
    if (!enough) {
      at_ = end_;
      return {};
    }
    const std::string_view bytes(compressed_.data() + at_, end_ - at_);
    const std::size_t found = bytes.find(zstd_magic);
    if (found != std::string_view::npos) {
      at_ += found;
      return {};
    }
    at_ = end_ - (zstd_magic.size() - 1);
  }
}

}  // namespace autotape
