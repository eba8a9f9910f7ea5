#include "tape/temporary_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace autotape {

Error TemporaryFile::failure(std::string_view doing) const {
  return file_error(folder_, std::string(doing) + " a temporary file: " + std::strerror(errno),
                    "free some space there");
}

Result<TemporaryFile> TemporaryFile::create(const std::string& folder) {
  std::string name = folder + "/autotape-XXXXXX";
  TemporaryFile file(folder, ::mkostemp(name.data(), O_CLOEXEC));
  if (file.descriptor_ < 0) {
    return file.failure("cannot create");
  }
  ::unlink(name.c_str());
  return file;
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

Result<void> TemporaryFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return failure("cannot write");
    }
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      size_ += static_cast<std::uint64_t>(written);
    }
  }
  return {};
}

Result<std::string> TemporaryFile::read_at(std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const ssize_t more =
        ::pread(descriptor_, bytes.data() + have, count - have, static_cast<off_t>(offset + have));
    if (more == 0 || (more < 0 && errno != EINTR)) {
      return failure("cannot read");
    }
    have += more > 0 ? static_cast<std::size_t>(more) : 0;
  }
  return bytes;
}

}  // namespace autotape
