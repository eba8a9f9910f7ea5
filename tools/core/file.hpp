// Files: whole, or growing and durable. Errors name the file and the system's reason.
#pragma once

#include <cstdint>
#include <memory>
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

// Reads a file front to back in large blocks. "-" is standard input.
class InputFile {
 public:
  static Result<InputFile> open(const std::string& path);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;

  // Up to `most` bytes into `buffer`; 0 at the end of the file.
  Result<std::size_t> read(char* buffer, std::size_t most);

  const std::string& path() const { return path_; }

 private:
  InputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
};

}  // namespace autotape
