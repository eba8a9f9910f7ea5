// Text that is compressed with zstd, in frames that each stand for themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/file.hpp"
#include "core/result.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace autotape {

inline constexpr std::string_view zstd_magic{"\x28\xB5\x2F\xFD", 4};

// What is appended at a time becomes a frame with a checksum. `zstd -d` reads the file.
class ZstdAppendFile final : public AppendFile {
 public:
  explicit ZstdAppendFile(std::unique_ptr<AppendFile> file);

  Result<void> append(std::string_view bytes) override;
  Result<void> sync() override { return file_->sync(); }
  Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  std::uint64_t size() const override { return file_->size(); }  // compressed

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<AppendFile> file_;
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::string compressed_;
};

// Decompresses what any program compressed with zstd. What the file was cut off in ends it
// (cut_off()). A frame of ours is given when it is whole and its checksum is right, and not before;
// larger ones of other programs are given as they come.
class ZstdSource final : public ByteSource {
 public:
  // In the place of what was skipped there is a line that no tape has, so that the reader of the
  // lines counts it.
  enum class DamagedFrame { error, skipped };

  ZstdSource(std::unique_ptr<ByteSource> source, DamagedFrame damaged_frame);

  Result<std::size_t> read(char* buffer, std::size_t most) override;
  bool cut_off() const override { return cut_off_; }
  const std::string& path() const override { return source_->path(); }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  Result<bool> have(std::size_t count);
  Result<bool> read_piece();
  Result<void> begin_frame();
  Result<void> skip_damaged_frame();

  std::unique_ptr<ByteSource> source_;
  DamagedFrame damaged_frame_;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string compressed_;
  std::size_t at_ = 0;  // of compressed_, not yet decompressed
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // in the file, of compressed_
  bool at_end_of_file_ = false;
  bool in_frame_ = false;
  bool frame_waits_ = false;  // until it is whole
  std::string piece_;         // decompressed
  std::size_t given_ = 0;     // of piece_
  bool cut_off_ = false;
};

}  // namespace autotape
