#include "core/file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autotape {
namespace {

// Closes its descriptor. Nothing is learned from close(2) that sync() did not already say.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const std::string& path, std::string_view doing) {
  const int reason = errno;
  std::string advice;
  switch (reason) {
    case ENOENT:
      advice = "check the path";
      break;
    case ENOSPC:
    case EDQUOT:
      advice = "free some space or choose another disk";
      break;
    case EACCES:
    case EPERM:
      advice = "check the permissions";
      break;
    default:
      break;
  }
  return file_error(path, fmt::format("{}: {}", doing, std::strerror(reason)), std::move(advice));
}

mode_t mode_of(FileAccess access) {
  return access == FileAccess::owner_only ? 0600 : 0666;
}

Result<void> write_all(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return system_error(path, "cannot write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Makes a file's name durable. Some file systems cannot sync a folder; the file itself was synced.
void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const Descriptor fd(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) {
    ::fsync(fd.get());
  }
}

class PosixAppendFile final : public AppendFile {
 public:
  PosixAppendFile(std::string path, int fd, std::uint64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}

  Result<void> append(std::string_view bytes) override {
    AUTOTAPE_TRY(write_all(fd_.get(), path_, bytes));
    size_ += bytes.size();
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(fd_.get()) != 0 && errno != EINVAL) {  // EINVAL: a pipe has no disk
      return system_error(path_, "cannot sync to disk");
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      return system_error(path_, "cannot cut off the end");
    }
    size_ = size;
    return {};
  }

  std::uint64_t size() const override { return size_; }

 private:
  std::string path_;
  Descriptor fd_;
  std::uint64_t size_;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t most) {
  AUTOTAPE_TRY_ASSIGN(auto input, InputFile::open(path));
  std::string bytes;
  constexpr std::size_t block = 64 * 1024;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + block);
    AUTOTAPE_TRY_ASSIGN(const std::size_t count, input.read(bytes.data() + before, block));
    bytes.resize(before + count);
    if (count == 0) {
      return bytes;
    }
    if (bytes.size() > most) {
      return file_error(path, fmt::format("is larger than {} bytes", most));
    }
  }
}

Result<void> write_file(const std::string& path, std::string_view bytes, FileAccess access) {
  const std::string partial = fmt::format("{}.partial-{}", path, ::getpid());
  {
    const Descriptor fd(
        ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_of(access)));
    if (fd.get() < 0) {
      return system_error(path, "cannot create");
    }
    if (auto written = write_all(fd.get(), path, bytes); !written) {
      ::unlink(partial.c_str());
      return written;
    }
    if (::fsync(fd.get()) != 0) {
      const Error error = system_error(path, "cannot sync to disk");
      ::unlink(partial.c_str());
      return error;
    }
  }
  if (::rename(partial.c_str(), path.c_str()) != 0) {
    const Error error = system_error(path, "cannot rename into place");
    ::unlink(partial.c_str());
    return error;
  }
  sync_folder_of(path);
  return {};
}

Result<void> refuse_overwrite(const std::string& path, bool force) {
  struct stat status {};
  if (!force && ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    return file_error(path, "exists already", "choose another name, or --force to overwrite it");
  }
  return {};
}

Result<std::unique_ptr<AppendFile>> open_append_file(const std::string& path, OpenMode mode,
                                                     FileAccess access) {
  int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  if (mode == OpenMode::create) {
    flags |= O_EXCL;
  }
  const int fd = ::open(path.c_str(), flags, mode_of(access));
  if (fd < 0) {
    return system_error(path, "cannot open for writing");
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(fd);
    return file_error(path, "is being written by another program",
                      "wait for it, or choose another name");
  }
  if (mode == OpenMode::truncate && ::ftruncate(fd, 0) != 0 && errno != EINVAL) {
    const Error error = system_error(path, "cannot empty");
    ::close(fd);
    return error;
  }
  struct stat status {};
  ::fstat(fd, &status);
  sync_folder_of(path);
  return std::unique_ptr<AppendFile>(
      std::make_unique<PosixAppendFile>(path, fd, static_cast<std::uint64_t>(status.st_size)));
}

Result<InputFile> InputFile::open(const std::string& path) {
  if (path == "-") {
    return InputFile("standard input", STDIN_FILENO);
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return system_error(path, "cannot open");
  }
  InputFile file(path, fd);
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    return file_error(path, "is a folder, not a file");
  }
  return file;
}

InputFile::~InputFile() {
  if (descriptor_ > STDERR_FILENO) {
    ::close(descriptor_);
  }
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      peeked_(std::move(other.peeked_)) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(peeked_, other.peeked_);
  return *this;
}

Result<std::size_t> InputFile::read(char* buffer, std::size_t most) {
  if (!peeked_.empty()) {
    const std::size_t count = peeked_.copy(buffer, most);
    peeked_.erase(0, count);
    return count;
  }
  while (true) {
    const ssize_t count = ::read(descriptor_, buffer, most);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return system_error(path_, "cannot read");
    }
  }
}

Result<std::string_view> InputFile::peek(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    AUTOTAPE_TRY_ASSIGN(const std::size_t more, read(bytes.data() + have, count - have));
    if (more == 0) {
      break;
    }
    have += more;
  }
  bytes.resize(have);
  peeked_ = std::move(bytes);
  return std::string_view(peeked_);
}

Result<std::string> InputFile::read_at(std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const ssize_t more =
        ::pread(descriptor_, bytes.data() + have, count - have, static_cast<off_t>(offset + have));
    if (more < 0 && errno != EINTR) {
      return system_error(path_, "cannot read");
    }
    if (more == 0) {
      break;
    }
    have += more > 0 ? static_cast<std::size_t>(more) : 0;
  }
  bytes.resize(have);
  return bytes;
}

std::optional<std::uint64_t> InputFile::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace autotape
