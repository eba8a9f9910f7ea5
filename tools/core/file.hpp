// Files: whole, or growing and durable. Errors name the file and the system's reason.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

// Who may read a new file. The process's umask narrows `everyone`.
enum class FileAccess { everyone, owner_only };

Result<std::string> read_file(const std::string& path, std::uint64_t most = 64U << 20U);

// All or nothing: a new file beside `path` is written, synced and renamed over it.
Result<void> write_file(const std::string& path, std::string_view bytes,
                        FileAccess access = FileAccess::everyone);

// An error if `path` exists: nothing is overwritten unless `force` says so.
Result<void> refuse_overwrite(const std::string& path, bool force);

// A file that only grows. The narrow interface that tests wrap to make writes fail.
class AppendFile {
 public:
  virtual ~AppendFile() = default;

  // Writes all of `bytes` at the end. After a failure the file may hold a part of them.
  virtual Result<void> append(std::string_view bytes) = 0;

  // fdatasync(2). A failure is final: the kernel may report success at the next call although the
  // bytes are lost.
  virtual Result<void> sync() = 0;

  // Cuts the end off.
  virtual Result<void> truncate(std::uint64_t size) = 0;

  virtual std::uint64_t size() const = 0;
};

enum class OpenMode {
  create,    // the file must not exist
  truncate,  // an existing file is emptied
  resume,    // an existing file is kept
};

// Locked against other programs that open it in this way, for as long as it is open.
Result<std::unique_ptr<AppendFile>> open_append_file(const std::string& path, OpenMode mode,
                                                     FileAccess access = FileAccess::everyone);

// Bytes that are read front to back.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Up to `most` bytes into `buffer`; 0 at the end.
  virtual Result<std::size_t> read(char* buffer, std::size_t most) = 0;

  // Did it end, but not where it says that it ends? Known at the end.
  virtual bool cut_off() const { return false; }

  virtual const std::string& path() const = 0;  // for errors
};

// A file, read in large blocks. "-" is standard input.
class InputFile final : public ByteSource {
 public:
  static Result<InputFile> open(const std::string& path);
  ~InputFile() override;
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;

  Result<std::size_t> read(char* buffer, std::size_t most) override;

  // The first bytes, which read() gives again: `count` of them, fewer if the file is shorter. Call
  // it before the first read(); valid until then.
  Result<std::string_view> peek(std::size_t count);

  // `count` bytes at `offset`, fewer at the end. Not for pipes. read() does not notice.
  Result<std::string> read_at(std::uint64_t offset, std::size_t count) const;

  // Of a regular file; nothing for a pipe.
  std::optional<std::uint64_t> size() const;

  const std::string& path() const override { return path_; }

 private:
  InputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
  std::string peeked_;  // read from the descriptor and not yet given
};

}  // namespace autotape
