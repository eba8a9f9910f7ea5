#include "tape/mcap/chunk_codec.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <zstd.h>

#include "core/text.hpp"

namespace autotape::mcap {
namespace {

// The fastest level that keeps a tape under a sixth of its NDJSON (tests/bench/tape_bench.cpp).
constexpr int compression_level = 1;

}  // namespace

void ChunkCompressor::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

ChunkCompressor::ChunkCompressor() : context_(ZSTD_createCCtx()) {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, compression_level);
}

Result<std::string_view> ChunkCompressor::compress(std::string_view records) {
  buffer_.resize(std::max(buffer_.size(), ZSTD_compressBound(records.size())));
  const std::size_t size = ZSTD_compress2(context_.get(), buffer_.data(), buffer_.size(),
                                          records.data(), records.size());
  if (ZSTD_isError(size) != 0) {
    return internal_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  }
  return std::string_view(buffer_).substr(0, size);
}

void ChunkDecompressor::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

ChunkDecompressor::ChunkDecompressor() : context_(ZSTD_createDCtx()) {}

Result<std::string_view> ChunkDecompressor::decompress(const ChunkView& chunk) {
  if (chunk.uncompressed_size > largest_chunk) {
    return file_error({}, fmt::format("a chunk of {} bytes is too large", chunk.uncompressed_size));
  }
  std::string_view records = chunk.records;
  if (chunk.compression == zstd_compression) {
    const auto size = static_cast<std::size_t>(chunk.uncompressed_size);
    const auto stated = ZSTD_getFrameContentSize(chunk.records.data(), chunk.records.size());
    if (stated == ZSTD_CONTENTSIZE_ERROR || (stated != ZSTD_CONTENTSIZE_UNKNOWN && stated > size)) {
      return file_error({}, "the compressed data is damaged");
    }
    buffer_.resize(std::max(buffer_.size(), size));
    const std::size_t got = ZSTD_decompressDCtx(context_.get(), buffer_.data(), size,
                                                chunk.records.data(), chunk.records.size());
    if (ZSTD_isError(got) != 0) {
      return file_error({}, "the compressed data is damaged");
    }
    records = std::string_view(buffer_).substr(0, got);
  } else if (!chunk.compression.empty()) {
    return file_error(
        {}, fmt::format("the compression \"{}\" is unknown", printable(chunk.compression)),
        "autotape reads zstd and uncompressed chunks");
  }
  if (records.size() != chunk.uncompressed_size) {
    return file_error({}, "the compressed data is damaged");
  }
  if (chunk.uncompressed_crc != 0 && crc32(records) != chunk.uncompressed_crc) {
    return file_error({}, "the checksum is wrong");
  }
  return records;
}

}  // namespace autotape::mcap
