// What is in a chunk, compressed with zstd and back.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "tape/mcap/mcap_record.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace autotape::mcap {

inline constexpr std::string_view zstd_compression = "zstd";

// No chunk that is larger is read: it holds one MQTT message at least (268 MB at most), and a
// length that a damaged file makes up must not fill the memory.
inline constexpr std::uint64_t largest_chunk = std::uint64_t{320} << 20U;

class ChunkCompressor {
 public:
  ChunkCompressor();

  // Valid until the next call.
  Result<std::string_view> compress(std::string_view records);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::string buffer_;
};

class ChunkDecompressor {
 public:
  ChunkDecompressor();

  // The records of the chunk, whose checksum is right; valid until the next call, and as long as
  // `chunk`. The error has no `where`.
  Result<std::string_view> decompress(const ChunkView& chunk);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string buffer_;
};

}  // namespace autotape::mcap
