#include "mockbroker/harness/runtime_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace autotape {

Result<void> write_runtime_file(const std::string& path, std::string_view bytes) {
  const std::string partial = path + ".partial";
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  int reason = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (written && std::rename(partial.c_str(), path.c_str()) == 0) {
    return {};
  }
  reason = written ? errno : reason;
  ::unlink(partial.c_str());
  return file_error(path, fmt::format("cannot be written: {}", std::strerror(reason)));
}

}  // namespace autotape
